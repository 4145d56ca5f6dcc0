import { equal, match, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { LocalTransfer, WaitingRequest } from "../../wire/local/transfer.ts";
import { widthOf } from "../view/text-width.ts";
import { listText, transferText } from "./transfer-line.ts";

const TRANSFER: LocalTransfer = {
  id: "G-1",
  requestId: "R-1",
  name: "survey",
  infoHash: "00",
  state: "fetching",
  why: "Fetching from 2 peers.",
  grantState: "active",
  grantEndsAtMs: null,
  seeding: false,
  bytesDone: 1,
  bytesTotal: 4,
  bytesDown: 0,
  bytesUp: 0,
  rateDown: 0,
  rateUp: 0,
  peersConnected: 2,
  pieceCount: 12,
  pieces: Buffer.of(0b1100_0000, 0b0001_0000).toString("base64"),
  libraryPath: null,
  path: [],
  files: [],
  peers: [
    { address: "10.0.0.1:6881", client: "Transmission 3.0", transport: "tcp", rateDown: 0, rateUp: 0, progress: 0.5 },
    { address: "10.0.0.2:6881", client: "evil\u001b[2J", transport: "utp", rateDown: 2048, rateUp: 0, progress: 1 },
  ],
};

test("show has a map of the pieces, and the peers with their clients, the busiest first", () => {
  const lines = transferText(TRANSFER, 100).split("\n");
  equal(lines[2], "  pieces, 12 in all:");
  equal(lines[3], "  ██·········█");
  equal(lines[4], "  peers, 2 connected:");
  match(lines[5] ?? "", /^ {2}10\.0\.0\.2:6881 +evil\ufffd\[2J +100 % ↓ 2\.0 KiB\/s/);
  match(lines[6] ?? "", /^ {2}10\.0\.0\.1:6881 +Transmission 3\.0 +50 %/);
});

test("the map and the peers keep to a narrow terminal's width", () => {
  const map = transferText({ ...TRANSFER, pieceCount: 4000, pieces: Buffer.alloc(500).toString("base64") }, 40);
  for (const line of map.split("\n").filter((one) => one.includes("·"))) truthy(widthOf(line) <= 40, line);
});

test("nothing of it reaches the terminal as a command", () => {
  truthy(!transferText(TRANSFER, 100).includes("\u001b"));
});

test("the list has what waits for a decision first, with where it is decided and what a reviewer asks", () => {
  const waiting: WaitingRequest = {
    requestId: "R-2",
    url: "http://p/requests/R-2",
    name: "x",
    requestState: "pending",
    question: "",
    path: [],
  };
  const requests = [waiting, { ...waiting, question: "Why\u001b[2J?" }];
  const lines = listText({ transfers: [TRANSFER], requests }).split("\n");
  match(lines[0] ?? "", /^R-2 .*pending .* x {2}It waits for a decision: http:\/\/p\/requests\/R-2$/);
  match(lines[1] ?? "", /A reviewer asks: Why\ufffd\[2J\?: http/);
  match(lines[2] ?? "", /^G-1 /);
});

test("an empty list says what to do, and a portal that is away is told", () => {
  match(listText({ transfers: [], requests: [] }), /swarmgate get/);
  match(listText({ transfers: [], requests: null }), /^The portal cannot be reached now/);
});
