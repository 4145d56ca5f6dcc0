// Where the product names an error code.

import { lineOf, readSources } from "./source-file.ts";

export const CODE = /^(cli|metainfo|engine|node|portal|gate)\.[a-z0-9]+_[a-z0-9_]+$/;

/** Every text in the product that has the form of a code, outside the table itself. */
export function codeUses(): { code: string; where: string }[] {
  return readSources("src/**/*.ts")
    .filter((file) => !file.path.startsWith("src/domain/errors/") && !file.path.endsWith(".test.ts"))
    .flatMap((file) =>
      file.nodes.flatMap((node) => {
        const value = node.type === "Literal" ? node["value"] : undefined;
        return typeof value === "string" && CODE.test(value) ? [{ code: value, where: lineOf(file, node.start) }] : [];
      }),
    );
}
