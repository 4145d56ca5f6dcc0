// `swarmgate gate classify FILE|-`: one line a flow, with what it is and why.

import { closeSync, openSync, readSync } from "node:fs";
import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { classifyCapture, type ReadInto } from "../../gate/classify-capture.ts";
import type { FlowLine } from "../../gate/flow-line.ts";
import { type OutputOptions, printFailure, printNote } from "../output.ts";

const OUTPUT_BYTES = 1 << 16;

export function classifyCommand(command: Command): void {
  command
    .description("say for each flow of a capture which peer-to-peer application it is, and why")
    .option("--all", "without --json: also list the flows that are ordinary")
    .action(async (file: string, options: OutputOptions & { readonly all?: boolean }) => {
      process.exitCode = await classify(file, options);
    });
}

async function classify(file: string, options: OutputOptions & { readonly all?: boolean }): Promise<number> {
  const opened = openCapture(file);
  if (!opened.ok) return printFailure(opened.error, options);
  const { read, close } = opened.value;
  const out = new LineWriter();
  const counts = { flows: 0, known: 0 };
  const result = await classifyCapture(read, (line) => {
    counts.flows += 1;
    if (line.application !== null) counts.known += 1;
    if (options.json) out.line(JSON.stringify(line));
    else if (line.application !== null || options.all) out.line(flowText(line));
  });
  out.flush();
  close();
  if (!result.ok) return printFailure(result.error, options);
  const { packets, cutBytes } = result.value;
  if (!options.json)
    printNote(`${counts.known} of ${counts.flows} flows are peer-to-peer (${packets} packets).`, options);
  if (cutBytes > 0) printNote(`The capture was cut off in its last packet: ${cutBytes} bytes were not used.`, options);
  return 0;
}

type OpenCapture = { readonly read: ReadInto; readonly close: () => void };

function openCapture(file: string): Result<OpenCapture, Failure> {
  if (file === "-") return ok({ read: readStandardInput(), close: () => undefined });
  try {
    const descriptor = openSync(file, "r");
    return ok({ read: (room) => readSync(descriptor, room), close: () => closeSync(descriptor) });
  } catch (cause) {
    return err(failure("cli.file_missing", { path: file }, cause));
  }
}

// A pipe may be shared and non-blocking, so it is read as a stream; what does not fit waits for the next call.
function readStandardInput(): ReadInto {
  const chunks: AsyncIterator<Buffer> = process.stdin.iterator();
  let waiting: Uint8Array = new Uint8Array(0);
  return async (room) => {
    if (waiting.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return 0;
      waiting = next.value;
    }
    const count = Math.min(room.length, waiting.length);
    room.set(waiting.subarray(0, count));
    waiting = waiting.subarray(count);
    return count;
  };
}

function flowText(line: FlowLine): string {
  const ends = `${line.proto} ${end(line.src, line.srcPort)} > ${end(line.dst, line.dstPort)}`;
  const verdict = `${line.application ?? "ordinary"} ${line.confidence.toFixed(2)} ${line.why.code}`;
  const around = line.tunnel === null ? "" : `, in ${line.tunnel.kind} ${line.tunnel.src} > ${line.tunnel.dst}`;
  return `${ends}  ${verdict}  ${line.packets} packets, ${line.bytes} bytes${around}`;
}

function end(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

// A million flows are a million lines: they leave in large writes.
class LineWriter {
  #text = "";

  line(text: string): void {
    this.#text += `${text}\n`;
    if (this.#text.length > OUTPUT_BYTES) this.flush();
  }

  flush(): void {
    process.stdout.write(this.#text);
    this.#text = "";
  }
}
