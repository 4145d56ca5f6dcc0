// The direction of imports, tested over every file; and the rule itself, tested over files that break it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layerFaults } from "./layers.ts";
import { parseSource, readSources } from "./source-file.ts";

function faults(path: string, text: string): number {
  return layerFaults(parseSource(path, text)).length;
}

test("imports go down only, and the planes never import each other", () => {
  const found = readSources("src/**/*.ts", "ui/**/*.{ts,tsx}").flatMap(layerFaults);
  assert.deepEqual(found, []);
});

test("an import of a higher layer is found, in every form that an import has", () => {
  for (const text of [
    `import { a } from "../engine/a.ts";`,
    `import type { A } from "../engine/a.ts";`,
    `import "../engine/a.ts";`,
    `export * from "../engine/a.ts";`,
    `export { a } from "../engine/a.ts";`,
    `const a = await import("../engine/a.ts");`,
    `type A = import("../engine/a.ts").A;`,
  ]) {
    assert.equal(faults("src/wire/b.ts", text), 1, text);
  }
});

test("an import of a lower layer or of the same one is allowed", () => {
  assert.equal(faults("src/engine/b.ts", `import { a } from "../wire/a.ts"; import { c } from "./c.ts";`), 0);
  assert.equal(faults("src/cli/up.ts", `import { a } from "../portal/a.ts"; import { b } from "../node/b.ts";`), 0);
});

test("a plane that imports another is found, in tests too", () => {
  assert.equal(faults("src/node/a.ts", `import { a } from "../portal/a.ts";`), 1);
  assert.equal(faults("src/gate/a.test.ts", `import { a } from "../node/a.ts";`), 1);
});

test("a pure layer that does input or output is found", () => {
  assert.equal(faults("src/wire/a.ts", `import { readFileSync } from "node:fs";`), 1);
  assert.equal(faults("src/engine/a.ts", `import net from "node:net";`), 1);
  assert.equal(faults("src/wire/a.test.ts", `import { readFileSync } from "node:fs";`), 0);
});

test("a page may take types from the API and the domain, and nothing else", () => {
  assert.equal(faults("ui/src/a.tsx", `import type { A } from "../../src/wire/api/v1/a.ts";`), 0);
  assert.equal(faults("ui/src/a.tsx", `import { type A } from "../../src/domain/a.ts";`), 0);
  assert.equal(faults("ui/src/a.tsx", `import { a } from "../../src/domain/a.ts";`), 1);
  assert.equal(faults("ui/src/a.tsx", `import type { A } from "../../src/portal/a.ts";`), 1);
});
