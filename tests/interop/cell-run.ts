// Runs one cell with a client that is there already, and compares the bytes.

import assert from "node:assert/strict";
import { join } from "node:path";
import { completed } from "../lab/clients/client.ts";
import { hashesOf } from "../lab/content.ts";
import type { Booth, Ware } from "./booth.ts";
import type { Cell } from "./cell.ts";
import { type EngineCall, engineGet, engineSeed } from "./engine-command.ts";

const WITHIN_MS = 60_000;

export async function runCell(booth: Booth, cell: Cell): Promise<void> {
  const ware = await booth.prepare(cell);
  const overUtp = cell.connection === "uTP" || cell.connection === "MSE over uTP";
  const encrypted = cell.connection === "MSE" || cell.connection === "MSE over uTP";
  const { leaf } = booth;
  const call: EngineCall = {
    port: ware.port,
    transport: overUtp ? "utp" : "tcp",
    encryption: encrypted ? "require" : "off",
    ...(leaf === undefined ? {} : { more: ["--cert", leaf.certificate, "--key", leaf.key] }),
  };
  await (cell.role === "leech" ? fetched(booth, ware, call) : served(booth, ware, call));
  const wanted = hashesOf(join(ware.content, ware.name));
  if (cell.role === "seed" && cell.peer.makesEmptyFiles === false) delete wanted["empty.bin"];
  assert.deepEqual(withoutPads(hashesOf(join(ware.target, ware.name))), withoutPads(wanted));
}

async function fetched(booth: Booth, ware: Ware, call: EngineCall): Promise<void> {
  await completed(booth.client, await booth.add({ file: ware.file }, ware.content));
  const peers = [booth.clientAddress];
  using program = engineGet(booth.engineHost, ware.source, ware.target, { ...call, peers });
  const end = await program.end(WITHIN_MS);
  assert.equal(end.code, 0, program.tail());
  assert.match(program.stdout, /"event":"done"/);
}

async function served(booth: Booth, ware: Ware, call: EngineCall): Promise<void> {
  const { client, engineHost } = booth;
  const transfer = await booth.add(ware.source, ware.target);
  // A client that takes no peers by hand is dialled.
  const peers = transfer.addPeer === undefined ? [booth.clientAddress] : [];
  using program = await engineSeed(engineHost, ware.file, ware.content, { ...call, peers });
  await transfer.addPeer?.(engineHost.address, call.port);
  await completed(client, transfer, WITHIN_MS).catch((thrown: unknown) => {
    throw new Error(`our engine said: ${program.tail()}`, { cause: thrown });
  });
}

// A v1 client takes the padding of a hybrid torrent (BEP 47) for files.
function withoutPads(found: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).filter(([path]) => !path.includes(".pad/")));
}
