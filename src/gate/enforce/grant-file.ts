// Grants as a file brings them, signed: the stand-alone way. The file is written anew and renamed into place whenever
// something changes, and read again when it has.

import { readFile, stat } from "node:fs/promises";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { SealingKey } from "../../wire/api/sealed-token.ts";
import { GrantBook, type GrantFeed, type HeldGrants } from "./grant-book.ts";

const GrantFile = Type.Object(
  {
    /** Compact tokens of grants and of the newest revocation list. */
    grants: Type.Array(Type.String(), { maxItems: 100_000 }),
    revocations: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

export class FileGrants implements GrantFeed {
  readonly #path: string;
  readonly #book: GrantBook;
  #seen = "";

  constructor(path: string, root: SealingKey) {
    this.#path = path;
    this.#book = new GrantBook(root);
  }

  async read(nowMs: number): Promise<Result<HeldGrants, Failure<"gate.grants_malformed">>> {
    try {
      const { mtimeMs, ino, size } = await stat(this.#path);
      const seen = `${mtimeMs} ${ino} ${size}`;
      if (seen === this.#seen) return ok(this.#book.held);
      const file: unknown = JSON.parse(await readFile(this.#path, "utf8"));
      if (!Value.Check(GrantFile, file)) return err(failure("gate.grants_malformed", { path: this.#path }));
      const held = await this.#book.take(file.grants, file.revocations, nowMs);
      this.#seen = seen;
      return ok(held);
    } catch (cause) {
      return err(failure("gate.grants_malformed", { path: this.#path }, cause));
    }
  }

  close(): void {
    this.#seen = "";
  }
}
