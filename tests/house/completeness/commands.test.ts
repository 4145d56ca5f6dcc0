// The commands and their page tell one story.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandsPage } from "../../../scripts/commands-doc.ts";
import { repositoryRoot } from "../../../scripts/repository.ts";

test("docs/commands.md is what the commands say (npm run docs:commands writes it)", async () => {
  assert.equal(readFileSync(join(repositoryRoot, "docs/commands.md"), "utf8"), await commandsPage());
});
