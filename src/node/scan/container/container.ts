// What every container format offers to the scanner: to be recognised, and to hand out its members one by one.

import type { Budget } from "../budget.ts";
import type { Finding } from "../finding.ts";
import type { Source } from "../source.ts";
import type { Spool } from "../spool.ts";

export type Member = { readonly name: string; readonly content: Source };

export interface Opening {
  readonly budget: Budget;
  /** The name of the container itself, for those whose member has none of its own (gzip, xz). */
  readonly name: string;
  /** Counts an entry before it is looked at; throws `LimitReached`. */
  entry(): void;
  spool(): Spool;
  report(finding: Omit<Finding, "within">, memberName?: string): void;
  /** Inspects one member to its end before the next is unpacked. */
  member(member: Member): Promise<void>;
}

export interface Container {
  readonly name: string;
  recognises(source: Source): boolean;
  /** Throws `LimitReached` when the budget ends and `BrokenContainer` when the format is violated. */
  open(source: Source, opening: Opening): Promise<void>;
}

/** The container cannot be read to its end, so that something in it was not looked at. */
export class BrokenContainer extends Error {
  override readonly name = "BrokenContainer";
}

/** A format or method that the built-in scanner does not open at all; another engine may. */
export class UnopenedFormat extends Error {
  override readonly name = "UnopenedFormat";
}

/** Moves unpacked parts into a spool while the budget lasts. */
export async function fill(
  spool: Spool,
  budget: Budget,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  for await (const part of parts) {
    budget.unpacked(part.length);
    spool.write(part);
  }
}
