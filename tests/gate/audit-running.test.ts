// What an audit of this very computer finds while real clients run on it, some of them under another name.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { auditComputer } from "../../src/gate/endpoint/audit.ts";
import { until } from "../lab/deadline.ts";
import { Lab } from "../lab/lab.ts";
import { missing } from "../lab/requirements.ts";

const DAEMONS = ["transmission-daemon", "aria2c", "rtorrent", "qbittorrent-nox", "amuled", "eiskaltdcpp-daemon"];

type Started = {
  readonly program: string;
  readonly as?: string;
  readonly args: readonly string[];
  readonly port: string;
};

/** Each client as it is, some of them under another name too, and where it then listens. */
function clientsAt(home: string): readonly Started[] {
  const transmission = ["-f", "-g", join(home, "tr"), "-T", "-P"];
  const aria2 = ["--enable-rpc", "--rpc-listen-port"];
  const rtorrent = (port: number): string[] => {
    const settings = join(home, `rtorrent-${port}.rc`);
    writeFileSync(settings, `system.daemon.set = true\nnetwork.port_range.set = ${port}-${port}\n`);
    return ["-n", "-o", `import=${settings}`];
  };
  const amule = join(home, "amule");
  mkdirSync(amule);
  const external = `AcceptExternalConnections=1\nECPort=4712\nECPassword=${"0".repeat(32)}`;
  writeFileSync(join(amule, "amule.conf"), `[eMule]\nPort=4662\nUDPPort=4672\n[ExternalConnect]\n${external}\n`);
  const dc = [`--confdir=${home}/dc/`, `--localdir=${home}/dc/`, "-S", "-P", "3121", "-L", "127.0.0.1"];
  return [
    { program: "transmission-daemon", args: [...transmission, "51001", "-p", "9101"], port: "tcp 51001" },
    {
      program: "transmission-daemon",
      as: "indexer",
      args: [...transmission, "51002", "-p", "9102"],
      port: "tcp 51002",
    },
    { program: "aria2c", args: [...aria2, "6801"], port: "tcp 6801" },
    { program: "aria2c", as: "backup", args: [...aria2, "6802"], port: "tcp 6802" },
    { program: "qbittorrent-nox", args: [`--profile=${home}`, "--webui-port=8081"], port: "tcp 8081" },
    { program: "amuled", args: ["-c", amule], port: "udp 4672" },
    { program: "rtorrent", args: rtorrent(6891), port: "tcp 6891" },
    { program: "rtorrent", as: "editor", args: rtorrent(6892), port: "tcp 6892" },
    { program: "eiskaltdcpp-daemon", args: dc, port: "tcp 3121" },
  ];
}

test("real clients that run are found with their ports, and under any other name too", {
  skip: missing("ip", ...DAEMONS),
}, async () => {
  using lab = Lab.create();
  const host = lab.host("mia");
  using running = new DisposableStack();
  const home = join(lab.folder, "home");
  mkdirSync(home);
  const options = { cwd: home, env: { HOME: home, TERM: "dumb" } };
  const started = new Map(
    clientsAt(home).map(({ program, as, args, port }) => {
      const path = as === undefined ? program : join(lab.folder, as);
      if (as !== undefined) copyFileSync(`/usr/bin/${program}`, path);
      return [running.use(host.start(path, args, options)).pid, port] as const;
    }),
  );
  const found = await until("all clients are seen", () => {
    const seen = auditComputer("/").findings.filter(({ pid }) => pid !== undefined && started.has(pid));
    const listens = seen.filter(({ pid, sockets }) => sockets?.listening.includes(started.get(pid ?? 0) ?? ""));
    return listens.length === started.size && seen;
  });
  const told = new Map(found.map(({ pid, client, by }) => [pid, [client, by]]));
  assert.deepEqual(
    [...started.keys()].map((pid) => told.get(pid)),
    [
      ["Transmission", "name"],
      ["Transmission", "content"],
      ["aria2", "name"],
      ["aria2", "content"],
      ["qBittorrent", "name"],
      ["aMule", "name"],
      ["rTorrent", "name"],
      ["rTorrent", "content"],
      ["EiskaltDC++", "name"],
    ],
  );
});
