// What moves the bytes of a torrent whose metadata is known, and whose place on the disk was looked at.

import type { Picker } from "../picker/picker.ts";
import type { Assembly } from "./assembly.ts";
import type { Content } from "./content.ts";
import type { Uploads } from "./uploads.ts";

export type SwarmFlow = {
  readonly content: Content;
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly uploads: Uploads;
};
