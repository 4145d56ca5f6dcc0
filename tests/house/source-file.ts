// A source file as the house rules see it: its text, its comments, its imports and its syntax tree.

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "vite";
import { filesMatching, repositoryRoot } from "../../scripts/repository.ts";

export type Import = { readonly from: string; readonly onlyTypes: boolean };
export type Node = { readonly type: string; readonly start: number; readonly [field: string]: unknown };
export type Comment = { readonly text: string; readonly start: number };

export type SourceFile = {
  /** Relative to the repository's root. */
  readonly path: string;
  readonly text: string;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  readonly nodes: readonly Node[];
};

export function parseSource(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  if (parsed.errors.length > 0) throw new Error(`${path} does not parse: ${parsed.errors[0]?.message}`);
  const nodes: Node[] = [];
  collect(parsed.program, nodes);
  return {
    path,
    text,
    comments: parsed.comments.map((comment) => ({ text: comment.value, start: comment.start })),
    imports: nodes.flatMap((node) => importOf(path, node)),
    nodes,
  };
}

export function readSources(...patterns: string[]): SourceFile[] {
  return filesMatching(...patterns).map((path) => parseSource(path, readFileSync(join(repositoryRoot, path), "utf8")));
}

export function lineOf(file: SourceFile, start: number): string {
  return `${file.path}:${file.text.slice(0, start).split("\n").length}`;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function collect(value: unknown, nodes: Node[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, nodes);
  } else if (isNode(value)) {
    nodes.push(value);
    for (const field of Object.values(value)) collect(field, nodes);
  }
}

const IMPORTING = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

function importOf(path: string, node: Node): Import[] {
  const source = node["source"];
  if (!IMPORTING.has(node.type) || !isNode(source) || typeof source["value"] !== "string") return [];
  const specifiers = Array.isArray(node["specifiers"]) ? node["specifiers"].filter(isNode) : [];
  const onlyTypes =
    node.type === "TSImportType" ||
    node["importKind"] === "type" ||
    node["exportKind"] === "type" ||
    (specifiers.length > 0 && specifiers.every((one) => one["importKind"] === "type" || one["exportKind"] === "type"));
  return [{ from: resolveImport(path, source["value"]), onlyTypes }];
}

/** A relative import becomes a path from the root; anything else stays as it is. */
function resolveImport(path: string, from: string): string {
  return from.startsWith(".") ? normalize(join(dirname(path), from)) : from;
}
