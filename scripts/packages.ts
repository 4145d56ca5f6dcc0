// The Debian packages that whole-process tests use, and their installation where that is possible.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

type DebianPackage = { readonly name: string; readonly provides: string; readonly neededFor: string };

const PACKAGES: readonly DebianPackage[] = [
  { name: "iproute2", provides: "/usr/sbin/ip", neededFor: "hosts in network namespaces" },
  { name: "tcpdump", provides: "/usr/bin/tcpdump", neededFor: "packet captures" },
  { name: "nftables", provides: "/usr/sbin/nft", neededFor: "the gate's rules" },
  { name: "transmission-daemon", provides: "/usr/bin/transmission-daemon", neededFor: "Transmission as a peer" },
  { name: "transmission-cli", provides: "/usr/bin/transmission-create", neededFor: "torrents made by Transmission" },
  { name: "aria2", provides: "/usr/bin/aria2c", neededFor: "aria2 as a peer" },
  { name: "qbittorrent-nox", provides: "/usr/bin/qbittorrent-nox", neededFor: "qBittorrent as a peer" },
  {
    name: "python3-libtorrent",
    provides: "/usr/lib/python3/dist-packages/libtorrent.egg-info",
    neededFor: "libtorrent as a peer",
  },
  { name: "rtorrent", provides: "/usr/bin/rtorrent", neededFor: "rtorrent as a peer" },
  { name: "amule-daemon", provides: "/usr/bin/amuled", neededFor: "aMule as a peer" },
  { name: "eiskaltdcpp-daemon", provides: "/usr/bin/eiskaltdcpp-daemon", neededFor: "Direct Connect's flows" },
  { name: "opentracker", provides: "/usr/bin/opentracker", neededFor: "a real tracker" },
  { name: "mktorrent", provides: "/usr/bin/mktorrent", neededFor: "torrents made by another program" },
  { name: "clamav-daemon", provides: "/usr/sbin/clamd", neededFor: "scans by clamd" },
  { name: "chromium", provides: "/usr/bin/chromium", neededFor: "tests in a browser" },
  { name: "openssl", provides: "/usr/bin/openssl", neededFor: "certificates made by another program" },
  { name: "xz-utils", provides: "/usr/bin/xz", neededFor: "archives packed by another program" },
  { name: "amule-daemon", provides: "/usr/bin/amuled", neededFor: "an eMule client" },
  { name: "eiskaltdcpp-daemon", provides: "/usr/bin/eiskaltdcpp-daemon", neededFor: "a Direct Connect client" },
  { name: "rpm", provides: "/usr/bin/rpm", neededFor: "packages of another kind of Linux" },
  { name: "ufw", provides: "/usr/sbin/ufw", neededFor: "its own judgement of rules for it" },
  { name: "osslsigncode", provides: "/usr/bin/osslsigncode", neededFor: "hashes of Windows programs" },
  { name: "libxml2-utils", provides: "/usr/bin/xmllint", neededFor: "rule files against their schemas" },
  { name: "tmux", provides: "/usr/bin/tmux", neededFor: "programs that want a terminal" },
];

/** Installs what is missing as root on Debian; elsewhere says what stays untested. */
export async function installPackages(): Promise<void> {
  const missing = PACKAGES.filter((entry) => !existsSync(entry.provides));
  if (missing.length === 0) return;
  const names = missing.map((entry) => entry.name);
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    process.stdout.write(
      "Not installed, so the tests that need them are skipped (installing takes root and apt-get):\n",
    );
    for (const entry of missing) process.stdout.write(`  ${entry.name}: ${entry.neededFor}\n`);
    return;
  }
  process.stdout.write(`Installing Debian packages for the tests: ${names.join(" ")}\n`);
  if (!aptGet("install", names)) {
    aptGet("update", []);
    aptGet("install", names);
  }
  for (const entry of missing.filter((candidate) => !existsSync(candidate.provides))) {
    process.stdout.write(`  ${entry.name} could not be installed: no ${entry.neededFor}\n`);
  }
}

function aptGet(verb: string, names: readonly string[]): boolean {
  const ran = spawnSync("apt-get", [verb, "--yes", "--quiet", "--no-install-recommends", ...names], {
    stdio: ["ignore", "ignore", "inherit"],
    // RUNLEVEL keeps the packages from starting their daemons: the tests start their own.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
  });
  return ran.status === 0;
}
