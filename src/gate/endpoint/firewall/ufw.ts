// ufw: commands for a shell. ufw knows no end of a rule, so each says in its comment when it may be deleted.

import { type Plan, titleOf } from "./plan.ts";

export function ufw({ port, openings }: Plan): string[] {
  const rule = (verb: string, from: string, protocol: string, comment: string): string =>
    `ufw ${verb} proto ${protocol} from ${from} to any port ${port} comment '${comment}'`;
  const both = (verb: string, from: string, comment: string): string[] =>
    ["tcp", "udp"].map((protocol) => rule(verb, from, protocol, comment));
  return [
    "# Run with: sh FILE",
    ...openings.flatMap((opening) =>
      (opening.from === "anywhere" ? ["any"] : opening.from).flatMap((network) =>
        both("allow", network, titleOf(opening)),
      ),
    ),
    ...both("deny", "any", "swarmgate: nobody else"),
  ];
}
