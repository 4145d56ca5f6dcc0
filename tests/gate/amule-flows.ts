// Two real aMules in namespaces, and the flows between them as the gate sees them.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import { Amuled, publicAddress } from "../lab/clients/amuled.ts";
import { until } from "../lab/deadline.ts";
import { Lab } from "../lab/lab.ts";
import { classifyFile } from "./captures.ts";

/** The flows between two aMules, once both a Kad flow and a connection have been decided. */
export async function amuleFlows(obfuscated: boolean): Promise<FlowLine[]> {
  using lab = Lab.create();
  const [here, there] = [lab.host("here"), lab.host("there")];
  const [address, friend] = [publicAddress(here), publicAddress(there)];
  const [homeHere, homeThere] = [join(lab.folder, "here"), join(lab.folder, "there")];
  for (const home of [homeHere, homeThere]) mkdirSync(home);
  const file = join(lab.folder, "flows.pcap");
  using capture = await here.capture(file, `host ${address}`, 65_535);
  using first = Amuled.start(there, { folder: homeThere, obfuscated, address: friend, friend: address });
  using second = Amuled.start(here, { folder: homeHere, obfuscated, address, friend });
  await Promise.all([first.connected(), second.connected()]);
  second.fetchFrom(friend);
  const decided = async (): Promise<FlowLine[] | undefined> => {
    const flows = (await classifyFile(capture.file)).filter(
      ({ proto, packets }) => /^(tcp|udp)$/.test(proto) && packets > 3,
    );
    const isDecided = (proto: string): boolean =>
      flows.some((flow) => flow.proto === proto && flow.decidedAtPacket !== null);
    return isDecided("tcp") && isDecided("udp") ? flows : undefined;
  };
  return await until("both flows are decided", decided, 90_000);
}
