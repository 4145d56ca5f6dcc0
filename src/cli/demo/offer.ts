// What the demo's seeding process offers: real files of this machine, and an archive that every scanner must stop.

import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { eicarBytes } from "../../node/scan/eicar.ts";
import { forgeZip } from "../../node/scan/forge.ts";

export type Offer = { readonly torrentPath: string; readonly says: string };
export type OfferMessage = { readonly offers: readonly Offer[] };

const ROOT = join(import.meta.dirname, "..", "..", "..");
const FONTS = join(ROOT, "node_modules", "@fontsource-variable", "atkinson-hyperlegible-next", "files");

/** Puts the files into the folder once; later starts find them there, so that the torrents stay the same. */
export function prepareContent(folder: string): readonly { readonly path: string; readonly says: string }[] {
  const toolkit = join(folder, "content", "swarmgate-toolkit");
  if (!existsSync(toolkit)) {
    mkdirSync(join(toolkit, "fonts"), { recursive: true });
    mkdirSync(join(toolkit, "documents"));
    for (const name of files(FONTS, ".woff2")) copy(join(FONTS, name), join(toolkit, "fonts", name));
    for (const name of files(join(ROOT, "docs"), ".md"))
      copy(join(ROOT, "docs", name), join(toolkit, "documents", name));
    copy(join(ROOT, "LICENSE"), join(toolkit, "LICENSE"));
    // The largest real file that every machine with this program has.
    copy(process.execPath, join(toolkit, basename(process.execPath)));
  }
  const pictures = join(folder, "content", "holiday-pictures");
  if (!existsSync(pictures)) {
    mkdirSync(pictures);
    writeFileSync(join(pictures, "read me first.txt"), "The pictures are in the archive beside this file.\n");
    // Made here and now, of parts: nothing that trips a scanner lies in the project.
    writeFileSync(join(pictures, "pictures.zip"), forgeZip([{ name: "picture-0001.jpg.com", content: eicarBytes() }]));
  }
  return [
    { path: toolkit, says: "A runtime, fonts and documents of this computer: clean, and large enough to watch." },
    { path: pictures, says: "Looks harmless, but its archive holds the EICAR test file: it must never get out." },
  ];
}

function files(folder: string, ending: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ending)) : [];
}

function copy(from: string, to: string): void {
  if (existsSync(from)) copyFileSync(from, to, constants.COPYFILE_FICLONE);
}
