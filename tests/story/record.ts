// Damage to the record: one character of one field of one event, in a copy of the portal's folder.

import { createHash } from "node:crypto";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const DAMAGES = 30;

type Place = { readonly n: number; readonly column: string; readonly text: string };

/** Calls back with `DAMAGES` copies, each with a single byte of the record changed; the places are spread by a seed. */
export async function damageEverywhere(
  dataFolder: string,
  scratch: string,
  check: (damagedFolder: string, what: string, turn: number) => Promise<void>,
): Promise<void> {
  const places = placesOf(dataFolder);
  for (let turn = 0; turn < DAMAGES; turn += 1) {
    const draw = createHash("sha256").update(`damage ${turn}`).digest();
    const place = places[draw.readUInt32BE(0) % places.length];
    if (place === undefined) throw new Error("the record is empty");
    const offset = draw.readUInt32BE(4) % place.text.length;
    const damaged = join(scratch, "damaged");
    cpSync(join(dataFolder, "portal"), join(damaged, "portal"), { recursive: true });
    damage(damaged, place, offset);
    await check(damaged, `character ${offset} of ${place.column} of event ${place.n} (turn ${turn})`, turn);
    rmSync(damaged, { recursive: true });
  }
}

/** Every field of every event that is kept as text. */
function placesOf(dataFolder: string): Place[] {
  using database = open(dataFolder);
  const rows = database.prepare("select * from audit order by n").all();
  return rows.flatMap((row) =>
    Object.entries(row).flatMap(([column, value]) =>
      column === "n" || value === null || value === "" ? [] : [{ n: Number(row["n"]), column, text: String(value) }],
    ),
  );
}

function damage(folder: string, place: Place, offset: number): void {
  using database = open(folder);
  // Whoever can write the file is not stopped by a trigger.
  for (const row of database.prepare("select name from sqlite_master where type = 'trigger'").all()) {
    database.exec(`drop trigger "${String(row["name"])}"`);
  }
  const old = place.text.charCodeAt(offset);
  const changed = place.text.slice(0, offset) + changedCharacter(old) + place.text.slice(offset + 1);
  const value = /^\d+$/.test(place.text) ? Number(changed) : changed;
  database.prepare(`update audit set "${place.column}" = ? where n = ?`).run(value, place.n);
}

/** Another character of the same kind, so that the field keeps its form. */
function changedCharacter(code: number): string {
  const character = String.fromCharCode(code);
  if (/\d/.test(character)) return String((Number(character) + 1) % 10);
  return character === "a" ? "b" : "a";
}

function open(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, "portal", "portal.db"));
}
