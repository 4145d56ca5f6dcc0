// fapolicyd.rules(5): decision, permission, subject : object. The first rule that fits decides, so the file goes into
// /etc/fapolicyd/rules.d under a number before those that allow.

import type { Blocked } from "./blocked.ts";

const LINUX_FOLDERS = ["/usr/bin", "/usr/games", "/usr/local/bin", "/opt"];
/** A path ends at a space, and there is no way to write one. */
const WRITABLE = /^[\w.+@-]+$/;

export function fapolicyd({ clients, samples }: Blocked): string {
  const lines = ["# Peer-to-peer clients without a licence. File name: 25-peer-to-peer.rules"];
  for (const { name, linux = [] } of clients) {
    const programs = linux.filter((program) => WRITABLE.test(program));
    if (programs.length > 0) lines.push(`# ${name}`);
    for (const program of programs) {
      for (const folder of LINUX_FOLDERS) lines.push(`deny_audit perm=execute all : path=${folder}/${program}`);
    }
  }
  for (const { name, sha256 } of samples) {
    lines.push(`# ${name}`, `deny_audit perm=execute all : sha256hash=${sha256}`);
  }
  return `${lines.join("\n")}\n`;
}
