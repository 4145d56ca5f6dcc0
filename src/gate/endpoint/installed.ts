// Clients that a package manager installed: dpkg, rpm, flatpak (for all and for one person), snap.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CLIENTS, type ClientEntry } from "./clients.ts";
import { type Finding, type FoundAs, finding } from "./finding.ts";
import type { Home } from "./homes.ts";
import type { Reading } from "./reading.ts";

export function installed(root: string, homes: readonly Home[], reading: Reading): Finding[] {
  const packages = new Set([...debianPackages(root, reading), ...rpmPackages(root, reading)]);
  return [
    ...present("package", packages, (client) => client.packages),
    ...present("flatpak", reading.names(join(root, "var/lib/flatpak/app")), (client) => client.flatpak),
    ...present("snap", reading.names(join(root, "snap")), (client) => client.snap),
    ...homes.flatMap(({ user, path }) =>
      present("flatpak", reading.names(join(path, ".local/share/flatpak/app")), (client) => client.flatpak).map(
        (one) => ({ ...one, user }),
      ),
    ),
  ];
}

function present(
  found: FoundAs,
  names: Iterable<string>,
  known: (client: ClientEntry) => readonly string[] | undefined,
): Finding[] {
  const there = new Set(names);
  return CLIENTS.flatMap((client) =>
    (known(client) ?? []).filter((name) => there.has(name)).map((name) => finding(client, found, name, "name")),
  );
}

// Packages that were removed stay in the file with another status.
function debianPackages(root: string, reading: Reading): string[] {
  const paragraphs = (reading.text(join(root, "var/lib/dpkg/status")) ?? "").split("\n\n");
  return paragraphs
    .filter((paragraph) => /^Status: .* installed$/m.test(paragraph))
    .map((paragraph) => /^Package: (.+)$/m.exec(paragraph)?.[1] ?? "");
}

/** Where rpm keeps its SQLite database: before and since Fedora 36; its table `Name` is the index by package name. */
const RPM_DATABASES = ["var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite"];

function rpmPackages(root: string, reading: Reading): string[] {
  return RPM_DATABASES.map((place) => join(root, place))
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      try {
        using database = new DatabaseSync(path, { readOnly: true });
        return database
          .prepare("SELECT DISTINCT key FROM Name")
          .all()
          .map((row) => String(row["key"]));
      } catch (thrown) {
        reading.note(path, thrown instanceof Error ? thrown.message : "it cannot be read");
        return [];
      }
    });
}
