// ar: the outer shell of Debian packages (.deb) and of static libraries.

import { SliceSource, type Source } from "../source.ts";
import { BrokenContainer, type Container, type Opening } from "./container.ts";
import { startsWith } from "./gzip.ts";

const MAGIC = [...Buffer.from("!<arch>\n")];
const HEADER_BYTES = 60;

export const AR: Container = {
  name: "ar",
  recognises: (source) => startsWith(source, MAGIC),
  open: openAr,
};

async function openAr(source: Source, opening: Opening): Promise<void> {
  let at = MAGIC.length;
  while (at < source.bytes) {
    const header = Buffer.from(source.read({ beginBytes: at, lengthBytes: HEADER_BYTES }));
    const sizeText = header.toString("latin1", 48, 58).trim();
    if (header.length < HEADER_BYTES || header.toString("latin1", 58, 60) !== "`\n" || !/^\d{1,10}$/.test(sizeText)) {
      throw new BrokenContainer("A header inside the ar archive is damaged.");
    }
    const bytes = Number(sizeText);
    const beginBytes = at + HEADER_BYTES;
    if (beginBytes + bytes > source.bytes) throw new BrokenContainer("The ar archive ends too early.");
    opening.entry();
    const name = header.toString("latin1", 0, 16).trim().replace(/\/$/u, "");
    await opening.member({ name, content: new SliceSource(source, beginBytes, bytes) });
    // Members begin at even offsets.
    at = beginBytes + bytes + (bytes % 2);
  }
}
