// What the gate keeps on disk: the day's use, so that a restart of the machine gives nobody a second day, and whom it
// blocks, so that `gate rules` can say since when. Each file is written whole and renamed into place.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { GateBlock } from "../../wire/api/v1/gate.ts";
import { makePrivateFolder } from "../../world/real/folders.ts";
import { QuotaState } from "./quota-book.ts";

export type StateCode = "gate.state_unusable";

const QUOTAS = "quotas.json";
const BLOCKS = "blocks.json";
const Blocks = Type.Array(GateBlock);

export class StateFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined before the first day. What cannot be read is refused: forgetting it would double somebody's day. */
  quotas(): Result<QuotaState | undefined, Failure<StateCode>> {
    const read = this.#read(QUOTAS, QuotaState);
    if (!read.ok || read.value === undefined) return read.ok ? ok(undefined) : read;
    return Value.Check(QuotaState, read.value) ? ok(read.value) : this.#unusable(QUOTAS);
  }

  keepQuotas(state: QuotaState): Result<undefined, Failure<StateCode>> {
    return this.#write(QUOTAS, state);
  }

  /** Whom the gate blocked when it last wrote; empty when no gate keeps its state here. */
  blocks(): Result<GateBlock[], Failure<StateCode>> {
    const read = this.#read(BLOCKS, Blocks);
    if (!read.ok) return read;
    return Value.Check(Blocks, read.value) ? ok(read.value) : ok([]);
  }

  keepBlocks(blocks: readonly GateBlock[]): Result<undefined, Failure<StateCode>> {
    return this.#write(BLOCKS, blocks);
  }

  #read(name: string, schema: TSchema): Result<unknown, Failure<StateCode>> {
    const path = join(this.#path, name);
    try {
      if (!existsSync(path)) return ok(undefined);
      const value: unknown = JSON.parse(readFileSync(path, "utf8"));
      return Value.Check(schema, value) ? ok(value) : this.#unusable(name);
    } catch (cause) {
      return this.#unusable(name, cause);
    }
  }

  #write(name: string, value: unknown): Result<undefined, Failure<StateCode>> {
    const path = join(this.#path, name);
    try {
      makePrivateFolder(this.#path);
      writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
      return ok();
    } catch (cause) {
      return this.#unusable(name, cause);
    }
  }

  #unusable(name: string, cause?: unknown): Result<never, Failure<StateCode>> {
    return err(failure("gate.state_unusable", { path: join(this.#path, name) }, cause));
  }
}
