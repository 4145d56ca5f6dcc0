// Which sockets a process holds, from /proc: the tables of its network namespace, joined to its descriptors by inode.

import { join } from "node:path";
import type { Sockets } from "./finding.ts";
import type { Reading } from "./reading.ts";

type Socket = { readonly text: string; readonly isListening: boolean };

/** proc(5): the states of a socket in /proc/net. */
const TCP_LISTEN = "0A";
const TCP_ESTABLISHED = "01";
const UDP_UNCONNECTED = "07";
const CONNECTED_SAID_MAX = 20;

export class SocketTables {
  readonly #processes: string;
  readonly #reading: Reading;
  readonly #byNamespace = new Map<string, ReadonlyMap<string, Socket>>();

  constructor(processes: string, reading: Reading) {
    this.#processes = processes;
    this.#reading = reading;
  }

  /** Undefined where this process's descriptors may not be read. */
  of(process: string): Sockets | undefined {
    const folder = join(process, "fd");
    const descriptors = this.#reading.names(folder);
    if (descriptors.length === 0) return undefined;
    const table = this.#tableOf(process);
    const held = new Map<string, Socket>();
    for (const descriptor of descriptors) {
      const inode = /^socket:\[(\d+)\]$/.exec(this.#reading.link(join(folder, descriptor)) ?? "")?.[1];
      const socket = inode === undefined ? undefined : table.get(inode);
      if (socket !== undefined) held.set(socket.text, socket);
    }
    const texts = (listening: boolean): string[] =>
      [...held.values()].filter((one) => one.isListening === listening).map((one) => one.text);
    const connected = texts(false).sort();
    return {
      listening: texts(true).sort(),
      connected: connected.slice(0, CONNECTED_SAID_MAX),
      connections: connected.length,
    };
  }

  // A process in a container has tables of its own.
  #tableOf(process: string): ReadonlyMap<string, Socket> {
    const namespace = this.#reading.link(join(process, "ns/net")) ?? "";
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const own = namespace === "" ? join(this.#processes, "net") : join(process, "net");
    const table = readTables(own, this.#reading);
    this.#byNamespace.set(namespace, table);
    return table;
  }
}

function readTables(folder: string, reading: Reading): ReadonlyMap<string, Socket> {
  const sockets = new Map<string, Socket>();
  for (const protocol of ["tcp", "tcp6", "udp", "udp6"]) {
    for (const line of (reading.text(join(folder, protocol)) ?? "").split("\n").slice(1)) {
      const [, local = "", remote = "", state, , , , , , inode] = line.trim().split(/\s+/);
      if (inode === undefined) continue;
      const name = protocol.slice(0, 3);
      const waits = name === "tcp" ? TCP_LISTEN : UDP_UNCONNECTED;
      if (state === waits) sockets.set(inode, { text: `${name} ${portOf(local)}`, isListening: true });
      else if (state === TCP_ESTABLISHED)
        sockets.set(inode, { text: `${name} ${endpointOf(remote)}`, isListening: false });
    }
  }
  return sockets;
}

function portOf(text: string): number {
  return Number.parseInt(text.split(":")[1] ?? "0", 16);
}

// The kernel prints each 32-bit word of an address as this machine holds it; all that Node runs on are little-endian.
function endpointOf(text: string): string {
  const bytes = Buffer.from(text.split(":")[0] ?? "", "hex");
  if (bytes.length % 4 !== 0) return "?";
  bytes.swap32();
  if (bytes.length === 4) return `${[...bytes].join(".")}:${portOf(text)}`;
  const words = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16BE(index * 2));
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (isMapped) return `${[...bytes.subarray(12)].join(".")}:${portOf(text)}`;
  return `[${words.map((word) => word.toString(16)).join(":")}]:${portOf(text)}`;
}
