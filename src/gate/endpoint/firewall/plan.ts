// The least that this device's own firewall must let in for its own grants: a port for those who may call it, each no
// longer than its grant; nothing for a grant that only downloads, because there the device does the calling and what
// comes back belongs to its own connections. Everybody else is kept from the port.

import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import type { GrantClaims } from "../../../domain/grant.ts";

export type Opening = {
  readonly grant: string;
  readonly untilMs: number;
  /** Networks, or everybody for an open swarm. */
  readonly from: readonly string[] | "anywhere";
};

export type Plan = {
  /** Where the engine listens. */
  readonly port: number;
  readonly nowMs: number;
  readonly openings: readonly Opening[];
};

/** `networks` are those of the institution: a closed swarm is called from there alone. Failure codes: cli.usage_wrong. */
export function openingsOf(
  grants: readonly GrantClaims[],
  networks: readonly string[],
): Result<readonly Opening[], Failure> {
  const shares = grants.filter((grant) => grant.dir === "share");
  const closed = shares.find((grant) => grant.swarm === "closed");
  if (closed !== undefined && networks.length === 0) {
    const detail = `the grant ${closed.jti} is for members of the institution: name its networks with --from`;
    return err(failure("cli.usage_wrong", { detail }));
  }
  return ok(
    shares.map((grant) => ({
      grant: grant.jti,
      untilMs: grant.exp * 1_000,
      from: grant.swarm === "closed" ? [...new Set(networks)] : "anywhere",
    })),
  );
}

export function titleOf({ grant, untilMs }: Opening): string {
  return `swarmgate ${grant} until ${new Date(untilMs).toISOString()}`;
}

export function isIpv6(network: string): boolean {
  return network.includes(":");
}
