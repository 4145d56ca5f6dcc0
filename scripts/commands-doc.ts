// Writes docs/commands.md from the commands themselves: their arguments, options and summaries, as `--help` shows them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { COMMANDS } from "../src/cli/commands.ts";
import { buildProgram } from "../src/cli/program.ts";
import { repositoryRoot } from "./repository.ts";

const HEAD = `# Commands

\`bin/swarmgate COMMAND\` works from any folder. Every command also takes \`--json\` (one JSON value, or one a line for streams,
on stdout), \`--quiet\` and \`--help\`. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 denied, 4 not found, 5 unsafe content;
[errors.md](errors.md) explains every failure. This page is written by \`npm run docs:commands\`; a test compares both.
`;

/** The page as it must be. */
export async function commandsPage(): Promise<string> {
  const sections: string[] = [HEAD];
  for (const { name, summary } of COMMANDS) {
    const program = await buildProgram(COMMANDS, name);
    const command = program.commands.find((one) => one.name() === name);
    if (command === undefined) throw new Error(`${name} is listed and not there`);
    sections.push(`\n## ${name}\n${sentence(summary)}\n${leavesOf(command).map(leafText).join("")}`);
  }
  return sections.join("");
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function leafText(command: Command): string {
  const names = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const words = command.registeredArguments.map((argument) => {
    const name = argument.variadic ? `${argument.name()}…` : argument.name();
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.filter((option) => !["--json", "--quiet"].includes(option.long ?? ""));
  const rows = options.map((option) => `| \`${option.flags.replaceAll("|", "\\|")}\` | ${option.description} |\n`);
  const table = rows.length === 0 ? "" : `\n| option | |\n|---|---|\n${rows.join("")}`;
  const isWhole = command.parent?.parent === null;
  const own = isWhole ? "" : `${sentence(command.description())}\n`;
  return `\n\`${[...names, ...words].join(" ")}\`\n${own}${table}`;
}

function sentence(text: string): string {
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(capital) || capital === "" ? capital : `${capital}.`;
}

if (import.meta.main) writeFileSync(join(repositoryRoot, "docs", "commands.md"), await commandsPage());
