// Two real aMules in namespaces, and the flows between them as the gate sees them.

import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import { Amule, publicAddress, sourceInLink } from "../lab/clients/amule.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { classifyFile } from "./captures.ts";

/** A busy machine is slow with two aMules. */
const DECIDED_MS_MAX = 150_000;

/** The flows between two aMules, once both a Kad flow and a connection have been decided. */
export async function amuleFlows(obfuscated: boolean): Promise<FlowLine[]> {
  using lab = Lab.create();
  const [here, there] = [lab.host("here"), lab.host("there")];
  const [address, friend] = [publicAddress(here), publicAddress(there)];
  const file = join(lab.folder, "flows.pcap");
  using capture = await here.capture(file, `host ${address}`, 65_535);
  const start = (on: Host, own: string, other: string): Promise<Amule> => {
    const folder = join(lab.folder, on.name);
    mkdirSync(folder);
    return Amule.start(on, { folder, obfuscated, address: own, knows: { friend: other } });
  };
  using first = await start(there, friend, address);
  using second = await start(here, address, friend);
  await Promise.all([first, second].map((one) => one.logged(/Connected to Kad/)));
  // The other has no such file: they introduce themselves before they speak of it.
  const hash = createHash("md5").update("a file").digest("hex");
  second.download(`ed2k://|file|file.bin|1000000|${hash}|/${sourceInLink({ address: friend, obfuscated })}`);
  const decided = async (): Promise<FlowLine[] | undefined> => {
    const flows = (await classifyFile(capture.file)).filter(
      ({ proto, packets }) => /^(tcp|udp)$/.test(proto) && packets > 3,
    );
    const isDecided = (proto: string): boolean =>
      flows.some((flow) => flow.proto === proto && flow.decidedAtPacket !== null);
    return isDecided("tcp") && isDecided("udp") ? flows : undefined;
  };
  return await until("both flows are decided", decided, DECIDED_MS_MAX);
}
