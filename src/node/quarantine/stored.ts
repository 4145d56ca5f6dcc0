// A file in quarantine, and the only way in which it becomes one that may be published: a clean verdict on its bytes.

import type { Brand } from "../../base/brand.ts";
import type { Verdict } from "../../domain/verdict.ts";

type File = {
  readonly entryId: string;
  /** Its opaque place in quarantine. */
  readonly path: string;
  readonly bytes: number;
};

type Kinds = {
  readonly quarantined: Brand<File, "quarantined">;
  readonly clean: Brand<File & { readonly sha256: string }, "clean">;
};

export type Stored<State extends keyof Kinds> = Kinds[State];

export function quarantined(file: File): Stored<"quarantined"> {
  return file as Stored<"quarantined">;
}

/** Undefined unless the verdict is clean, and it is known of which bytes. */
export function cleared(
  file: Stored<"quarantined">,
  found: { readonly verdict: Verdict | undefined; readonly sha256: string | undefined },
): Stored<"clean"> | undefined {
  if (found.verdict?.outcome !== "clean" || found.sha256 === undefined) return undefined;
  const { entryId, path, bytes } = file;
  return { entryId, path, bytes, sha256: found.sha256 } as Stored<"clean">;
}
