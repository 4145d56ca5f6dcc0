// The list of commands, in the order that `--help` shows them. Each file is loaded only when its command runs.

import type { Command } from "commander";

export type CommandFile = { readonly command: (command: Command) => void };
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandFile>;
};

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "torrent",
    summary: "make, show and verify torrent files",
    load: () => import("./commands/torrent.ts"),
  },
  {
    name: "engine",
    summary: "the bare BitTorrent engine, without grants: for tests and benchmarks",
    load: () => import("./commands/engine.ts"),
  },
  {
    name: "gate",
    summary: "recognise peer-to-peer traffic, and open the network for exactly what was granted",
    load: () => import("./commands/gate.ts"),
  },
  {
    name: "endpoint",
    summary: "find peer-to-peer clients on a managed computer, and write rules that block them",
    load: () => import("./commands/endpoint.ts"),
  },
  {
    name: "firewall",
    summary: "write the least firewall rules that this device's grants need",
    load: () => import("./commands/firewall.ts"),
  },
  {
    name: "up",
    summary: "run a portal and a node of this machine; --demo adds something to try",
    load: () => import("./commands/up.ts"),
  },
  {
    name: "node",
    summary: "run this computer's node",
    load: () => import("./commands/node.ts"),
  },
  {
    name: "join",
    summary: "enrol this computer at an institution's portal",
    load: () => import("./commands/join.ts"),
  },
  {
    name: "get",
    summary: "ask for content; it arrives in your library once it was approved, fetched and scanned",
    load: () => import("./commands/get.ts"),
  },
  {
    name: "list",
    summary: "every transfer of this computer, its path and why it is where it is",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "show",
    summary: "one transfer with its files, verdicts and peers",
    load: () => import("./commands/show.ts"),
  },
  {
    name: "pause",
    summary: "pause a transfer",
    load: () => import("./commands/pause.ts"),
  },
  {
    name: "resume",
    summary: "go on with a paused or failed transfer",
    load: () => import("./commands/resume.ts"),
  },
  {
    name: "remove",
    summary: "stop a transfer and give its grant back",
    load: () => import("./commands/remove.ts"),
  },
  {
    name: "quarantine",
    summary: "what is held, why, and what can be done with it",
    load: () => import("./commands/quarantine.ts"),
  },
  {
    name: "doctor",
    summary: "what works, what does not, and what to do",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "portal",
    summary: "serve requests, decisions, grants and the record",
    load: () => import("./commands/portal.ts"),
  },
  {
    name: "sign-in",
    summary: "open a session at a portal, to ask and decide from a terminal",
    load: () => import("./commands/sign-in.ts"),
  },
  {
    name: "request",
    summary: "ask for content; approve, deny, question or withdraw a request",
    load: () => import("./commands/request.ts"),
  },
  {
    name: "grant",
    summary: "list, show, revoke or give back grants",
    load: () => import("./commands/grant.ts"),
  },
  {
    name: "person",
    summary: "create and list accounts, and make one-time sign-in links",
    load: () => import("./commands/person.ts"),
  },
  {
    name: "audit",
    summary: "prove that the record is what was written, or print it",
    load: () => import("./commands/audit.ts"),
  },
];
