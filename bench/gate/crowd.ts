// `node bench/gate/crowd.ts [--write]`: 100,000 ordinary connections and exchanges through a gate that enforces, and a
// flood of a million new flows: what was answered, and the processor time and memory that the gate took.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { cpuSeconds, crowd, residentBytes, startCrowdServer } from "../../tests/gate/crowd.ts";
import { handshakePasses, startEcho } from "../../tests/gate/echo.ts";
import { Yard } from "../../tests/gate/yard.ts";

const CONNECTIONS = 50_000;
const EXCHANGES = 50_000;
const PACKETS_OF_A_CALL = 10_000;
const CONNECTIONS_MEANWHILE = 2_000;
const FLOOD_FLOWS = 1_000_000;

using yard = new Yard();
const [host, talker, neighbour, flooder] = [yard.client(), yard.client(), yard.client(), yard.client()];
using _server = await startCrowdServer(yard.outside);
using _echo = await startEcho(yard.outside);
using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");

const [tcp, udp, video] = await Promise.all([
  crowd(host, yard.outside, "tcp", CONNECTIONS),
  crowd(host, yard.outside, "udp", EXCHANGES),
  crowd(talker, yard.outside, "video", PACKETS_OF_A_CALL),
]);
const afterOrdinary = { cpuSeconds: cpuSeconds(gate), residentBytes: residentBytes(gate) };
const falselyBlocked = [...gate.stdout.matchAll(/"event":"verdict"/g)].length;
const [flood, meanwhile] = await Promise.all([
  crowd(flooder, yard.outside, "flood", FLOOD_FLOWS),
  crowd(host, yard.outside, "tcp", CONNECTIONS_MEANWHILE),
]);
const isRefusing = !handshakePasses(neighbour, yard.outside.address);
const afterFlood = { cpuSeconds: cpuSeconds(gate), residentBytes: residentBytes(gate) };

const result = {
  date: new Date().toISOString().slice(0, 10),
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: repositoryRoot, encoding: "utf8" }).trim(),
  machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  ordinary: {
    tcp: { asked: CONNECTIONS, answered: tcp.done },
    udp: { asked: EXCHANGES, answered: udp.done },
    call: { packets: PACKETS_OF_A_CALL, answered: video.done },
    falselyBlocked,
    gate: afterOrdinary,
  },
  flood: {
    flows: flood.done,
    seconds: Number(flood.seconds.toFixed(1)),
    ordinaryMeanwhile: { asked: CONNECTIONS_MEANWHILE, answered: meanwhile.done },
    refusesAfterwards: isRefusing,
    gate: {
      cpuSeconds: Number((afterFlood.cpuSeconds - afterOrdinary.cpuSeconds).toFixed(1)),
      residentBytes: afterFlood.residentBytes,
    },
  },
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
if (process.argv.includes("--write")) {
  writeFileSync(join(repositoryRoot, "bench/results/gate-crowd.json"), `${JSON.stringify(result, null, 2)}\n`);
}
