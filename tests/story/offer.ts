// What the story asks for: three torrents that Transmission seeds from outside, announced to a tracker that is not ours.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { seededBytes } from "../lab/content.ts";
import type { Host } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { collectDebs } from "./debian-files.ts";
import { eicar, zipOf } from "./eicar.ts";

export type Offered = {
  readonly file: string;
  readonly name: string;
  readonly infoHash: string;
  /** The folder or file that is seeded. */
  readonly path: string;
};

export type Offer = Disposable & {
  readonly seederHost: Host;
  readonly trackerHost: Host;
  readonly seeder: Transmission;
  readonly packages: Offered;
  readonly infected: Offered;
  readonly long: Offered;
};

const LONG_BYTES = 48_000_000;

export async function makeOffer(lab: Lab): Promise<Offer> {
  const content = join(lab.folder, "offered");
  for (const name of ["infected-tools", "long-haul"]) mkdirSync(join(content, name), { recursive: true });
  const debs = collectDebs(join(content, "debian-packages"));
  // A peer's permissions never arrive: not even on a file that is executable at home.
  for (const deb of debs) chmodSync(deb, 0o755);
  writeFileSync(join(content, "infected-tools", "tools.zip"), zipOf("setup/readme.com", eicar()));
  writeFileSync(join(content, "infected-tools", "readme.txt"), "Unpack and run setup.\n");
  writeFileSync(join(content, "long-haul", "measurements.bin"), seededBytes("long haul", LONG_BYTES));

  const trackerHost = lab.host("tracker");
  const seederHost = lab.host("seeder");
  const tracker = await Opentracker.start(trackerHost, lab.newFolder("tracker"));
  using maker = await Libtorrent.maker();
  const offer = async (name: string): Promise<Offered> => {
    const path = join(content, name);
    const file = join(lab.folder, `${name}.torrent`);
    const created = await maker.create({ path, output: file, format: "v1", trackers: [tracker.announceUrl] });
    return { file, name, path, infoHash: created.infoHashV1 ?? "" };
  };
  const packages = await offer("debian-packages");
  const infected = await offer("infected-tools");
  const long = await offer("long-haul");
  await tracker.allow([packages, infected, long].map((offered) => offered.infoHash));
  const seeder = await Transmission.start(seederHost, { folder: lab.newFolder("seeder") });
  for (const offered of [packages, infected, long]) {
    await completed(seeder, await seeder.add({ file: offered.file }, content));
  }
  return {
    seederHost,
    trackerHost,
    seeder,
    packages,
    infected,
    long,
    [Symbol.dispose]() {
      seeder[Symbol.dispose]();
      tracker[Symbol.dispose]();
    },
  };
}
