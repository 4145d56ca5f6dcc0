import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { realClock } from "../../world/real/clock.ts";
import { Clamd, parseClamdAddress } from "./clamd.ts";
import { eicarBytes } from "./eicar.ts";
import { folder, parts } from "./scan-under-test.ts";
import { Scanner } from "./scanner.ts";

const CLAMD = "/usr/sbin/clamd";
const missing = existsSync(CLAMD) ? false : "clamd is not installed";

/** A clamd that answers each connection as the test wants, over a socket of its own. */
async function withFake(
  answer: (socket: Socket, command: string) => void,
  step: (clamd: Clamd) => Promise<void>,
): Promise<void> {
  const path = join(mkdtempSync(join(tmpdir(), "fake-clamd-")), "socket");
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", (first) => answer(socket, first.toString("latin1").split("\0")[0] ?? ""));
  });
  await new Promise<void>((settle) => server.listen(path, settle));
  try {
    await step(new Clamd({ address: { kind: "unix", path }, bytesMax: 1_000_000, silenceMsMax: 300 }, realClock));
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
}

function versionThen(answer: (socket: Socket) => void): (socket: Socket, command: string) => void {
  return (socket, command) => (command === "zVERSION" ? void socket.end("ClamAV 9.9/1/today\0") : answer(socket));
}

test("addresses of clamd are a path, or a host and a port", () => {
  assert.deepEqual(parseClamdAddress("/run/clamd"), { kind: "unix", path: "/run/clamd" });
  assert.deepEqual(parseClamdAddress("tcp://127.0.0.1:3310"), { kind: "tcp", host: "127.0.0.1", port: 3310 });
  assert.deepEqual(parseClamdAddress("[::1]:3310"), { kind: "tcp", host: "::1", port: 3310 });
  for (const bad of ["", "clamd", "host:0", "host:70000", "a b:1"]) assert.equal(parseClamdAddress(bad), undefined);
});

test("H111: a clamd that is dead, slow, closes or talks nonsense gives unscanned", async () => {
  const dead = new Clamd(
    { address: { kind: "unix", path: "/nonexistent" }, bytesMax: 1000, silenceMsMax: 300 },
    realClock,
  );
  assert.equal((await dead.scanBytes(eicarBytes())).reason, "scan.clamd_silent");
  const answers: [(socket: Socket) => void, string][] = [
    [() => undefined, "scan.clamd_silent"],
    [(socket) => void socket.destroy(), "scan.clamd_silent"],
    [(socket) => void socket.end("stream: O"), "scan.clamd_silent"],
    [(socket) => void socket.end("stream: OKAY\0"), "scan.clamd_garbled"],
    [(socket) => void socket.end("stream: OK\nstream: X FOUND\0"), "scan.clamd_garbled"],
    [(socket) => void socket.write("x".repeat(10_000)), "scan.clamd_silent"],
    [(socket) => void socket.end("INSTREAM size limit exceeded. ERROR\0"), "scan.clamd_over_limit"],
    [(socket) => void socket.end("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0"), "scan.clamd_over_limit"],
  ];
  for (const [answer, reason] of answers) {
    await withFake(versionThen(answer), async (clamd) => {
      const verdict = await clamd.scanBytes(Buffer.alloc(1000));
      assert.equal(verdict.outcome, "unscanned", reason);
      assert.equal(verdict.reason, reason);
    });
  }
});

test("H113: what is larger than clamd looks at is unscanned without being asked", async () => {
  await withFake(
    () => assert.fail("clamd was asked"),
    async (clamd) => {
      const verdict = await clamd.scanBytes(Buffer.alloc(1_000_001));
      assert.equal(verdict.reason, "scan.clamd_over_limit");
    },
  );
});

test("H111: while the named clamd is silent nothing is clean, whatever the rules say", async () => {
  await withFake(
    versionThen(() => undefined),
    async (clamd) => {
      const scanner = new Scanner({ ...parts, second: { clamd, required: true } });
      try {
        const path = join(folder, "quiet");
        writeFileSync(path, "Nothing to see here.");
        const { verdict } = await scanner.scan({ path, name: "quiet.txt" });
        assert.equal(verdict.outcome, "unscanned");
        assert.equal(verdict.reason, "scan.clamd_silent");
      } finally {
        await scanner.close();
      }
    },
  );
});

describe("the real clamd", { skip: missing }, () => {
  const base = mkdtempSync(join(tmpdir(), "real-clamd-"));
  const socket = join(base, "socket");
  let daemon: ChildProcess | undefined;

  before(async () => {
    daemon = startClamd(base, socket);
    const begunMs = performance.now();
    while (!(await answers(socket))) {
      assert.ok(performance.now() - begunMs < 30_000, "clamd starts");
      await new Promise((settle) => setTimeout(settle, 100));
    }
  });
  after(() => {
    daemon?.kill("SIGKILL");
    rmSync(base, { recursive: true });
  });

  test("finds EICAR, and what it calls clean is clean", async () => {
    const clamd = new Clamd(
      { address: { kind: "unix", path: socket }, bytesMax: 1e8, silenceMsMax: 10_000 },
      realClock,
    );
    assert.match((await clamd.version()) ?? "", /^ClamAV \d/);
    const found = await clamd.scanBytes(eicarBytes());
    assert.equal(found.outcome, "infected");
    assert.match(found.reason, /Eicar-Signature/);
    assert.equal((await clamd.scanBytes(Buffer.from("plain words"))).outcome, "clean");
  });

  test("H132: a newline in a file's name never reaches clamd", async () => {
    const clamd = new Clamd(
      { address: { kind: "unix", path: socket }, bytesMax: 1e8, silenceMsMax: 10_000 },
      realClock,
    );
    const path = join(base, "evil\nSHUTDOWN\n");
    writeFileSync(path, eicarBytes());
    assert.equal((await clamd.scanFile(path)).outcome, "infected");
    assert.notEqual(await clamd.version(), undefined, "clamd still runs");
  });

  test("opens what the built-in scanner does not, and then a clean answer counts", async () => {
    const clamd = new Clamd(
      { address: { kind: "unix", path: socket }, bytesMax: 1e8, silenceMsMax: 10_000 },
      realClock,
    );
    const scanner = new Scanner({ ...parts, second: { clamd, required: true } });
    try {
      const path = join(folder, "packed");
      writeFileSync(path, Buffer.from("1f9d90", "hex"));
      assert.equal((await scanner.scan({ path, name: "a.Z" })).verdict.engine, "clamd");
    } finally {
      await scanner.close();
    }
  });
});

// A database of one hand-written signature, so that no download is needed.
function startClamd(base: string, socket: string): ChildProcess {
  mkdirSync(join(base, "db"));
  const hex = Buffer.from(eicarBytes()).toString("hex");
  writeFileSync(join(base, "db", "test.ndb"), `Eicar-Signature:0:*:${hex}\n`);
  const config = ["Foreground yes", `LocalSocket ${socket}`, `DatabaseDirectory ${join(base, "db")}`, "User root"];
  writeFileSync(join(base, "clamd.conf"), `${config.join("\n")}\n`);
  return spawn(CLAMD, ["-c", join(base, "clamd.conf")], { stdio: "ignore" });
}

function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      settle(true);
    });
    socket.on("error", () => settle(false));
  });
}
