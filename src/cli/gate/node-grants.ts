// This computer's own grants, as its node keeps them: read without the node, and believed by the pinned key only.

import { createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantClaims } from "../../domain/grant.ts";
import { ownGrants } from "../../gate/endpoint/own-grants.ts";
import { GrantBook } from "../../gate/enforce/grant-book.ts";
import { TOKEN_ALGORITHM } from "../../wire/api/grant-token.ts";
import { dataFolder } from "../data-folder.ts";

/** None where no node has joined from this folder. Failure codes: node.folder_unusable. */
export async function readNodeGrants(data: string | undefined, nowMs: number): Promise<Result<GrantClaims[], Failure>> {
  const folder = join(dataFolder(data), "node");
  const path = join(folder, "node.db");
  if (!existsSync(path)) return ok([]);
  try {
    using database = new DatabaseSync(path, { readOnly: true });
    const enrolment = database.prepare("SELECT device_id, root_key FROM enrolment").get();
    if (enrolment === undefined) return ok([]);
    const { kid, ...jwk } = JSON.parse(String(enrolment["root_key"]));
    const book = new GrantBook({ key: createPublicKey({ key: jwk, format: "jwk" }), algorithm: TOKEN_ALGORITHM, kid });
    const tokens = database.prepare("SELECT jws FROM granted").all();
    const list = database.prepare("SELECT value FROM fact WHERE name = 'revocations'").get();
    const held = await book.take(
      tokens.map((row) => String(row["jws"])),
      list === undefined ? undefined : String(list["value"]),
      nowMs,
    );
    return ok(ownGrants(held, String(enrolment["device_id"]), nowMs));
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return err(failure("node.folder_unusable", { folder, detail }, thrown));
  }
}
