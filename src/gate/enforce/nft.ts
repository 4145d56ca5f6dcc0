// The way to the kernel's rules: each text is one transaction of `nft -f`, so that it holds as a whole or not at all.

import { spawn } from "node:child_process";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

export type NftCode = "gate.rules_refused" | "gate.nft_missing";

const SAID_CHARACTERS_MAX = 400;

/** Applies a transaction; on failure the rules are as they were. */
export function applyRules(text: string): Promise<Result<string, Failure<NftCode>>> {
  return runNft(["-f", "-"], text);
}

/** What the kernel holds, as nft's JSON. */
export function readRules(words: readonly string[]): Promise<Result<string, Failure<NftCode>>> {
  return runNft(["-j", ...words], "");
}

function runNft(words: readonly string[], input: string): Promise<Result<string, Failure<NftCode>>> {
  return new Promise((resolve) => {
    const child = spawn("nft", words, { stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, SAID_CHARACTERS_MAX)));
    child.on("error", (cause) => resolve(err(failure("gate.nft_missing", {}, cause))));
    child.on("close", (code) => {
      const detail = said.trim().split("\n")[0] ?? "";
      resolve(code === 0 ? ok(printed) : err(failure("gate.rules_refused", { detail })));
    });
    // nft that ended early closes its input; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
