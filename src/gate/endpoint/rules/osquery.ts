// A query pack for osquery: it finds, on all three systems, and leaves what to do to those who run it.

import type { ClientEntry } from "../clients.ts";
import type { Blocked } from "./blocked.ts";

type Query = {
  readonly query: string;
  readonly interval: number;
  readonly platform: "all" | "linux" | "darwin" | "windows";
  readonly description: string;
};

export function osquery({ clients, samples }: Blocked): string {
  const of = (pick: (client: ClientEntry) => readonly string[] | undefined): string =>
    listed(clients.flatMap((one) => pick(one) ?? []));
  const programs = of((one) => [...(one.linux ?? []), ...(one.windows ?? []), ...(one.mac ?? [])].map(lower));
  const applications = of((one) => one.mac?.map((name) => `${name}.app`));
  const hashes = listed(samples.map(({ sha256 }) => sha256));
  const queries: Record<string, Query> = {
    peer_to_peer_running: query(
      "all",
      "Running peer-to-peer clients and their sockets",
      `SELECT p.name, p.path, p.pid, s.protocol, s.local_port FROM processes p LEFT JOIN process_open_sockets s USING (pid) WHERE lower(p.name) IN (${programs});`,
    ),
    peer_to_peer_deb: query(
      "linux",
      "Installed packages of peer-to-peer clients",
      `SELECT name, version FROM deb_packages WHERE name IN (${of((one) => one.packages)});`,
    ),
    peer_to_peer_rpm: query(
      "linux",
      "Installed packages of peer-to-peer clients",
      `SELECT name, version FROM rpm_packages WHERE name IN (${of((one) => one.packages)});`,
    ),
    peer_to_peer_programs: query(
      "windows",
      "Installed peer-to-peer programs",
      `SELECT name, version, publisher, install_location FROM programs WHERE ${clients
        .filter(({ windows }) => windows !== undefined)
        .map(({ name }) => `lower(name) LIKE ${quoted(`${lower(name)}%`)}`)
        .concat("0")
        .join(" OR ")};`,
    ),
    peer_to_peer_apps: query(
      "darwin",
      "Installed peer-to-peer applications",
      `SELECT name, path, bundle_identifier FROM apps WHERE name IN (${applications}) OR bundle_identifier IN (${of((one) => one.bundles)});`,
    ),
    peer_to_peer_known_files: query(
      "all",
      "Running programs with the contents of a known peer-to-peer client, whatever they are called",
      `SELECT p.pid, p.path, h.sha256 FROM processes p JOIN hash h ON h.path = p.path WHERE h.sha256 IN (${hashes});`,
    ),
  };
  if (samples.length === 0) delete queries["peer_to_peer_known_files"];
  return `${JSON.stringify({ queries }, null, 2)}\n`;
}

function query(platform: Query["platform"], description: string, text: string): Query {
  return { query: text, interval: 3_600, platform, description };
}

function lower(text: string): string {
  return text.toLowerCase();
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].map(quoted).join(", ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
