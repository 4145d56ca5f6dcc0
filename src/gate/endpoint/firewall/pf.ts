// pf: an anchor of its own, which a load replaces whole. What the device itself opens keeps its state and needs no rule.

import { type Plan, titleOf } from "./plan.ts";

export function pf({ port, openings }: Plan): string[] {
  return [
    "# Load with: pfctl -a swarmgate -f FILE; pf.conf needs the line: anchor swarmgate",
    ...openings.map((opening) => {
      const from = opening.from === "anywhere" ? "any" : `{ ${opening.from.join(", ")} }`;
      return `pass in quick proto { tcp, udp } from ${from} to any port ${port} keep state label "${titleOf(opening)}"`;
    }),
    `block drop in quick proto { tcp, udp } from any to any port ${port}`,
  ];
}
