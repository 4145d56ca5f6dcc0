// The rules of the house that a machine can see. Each takes a file and gives the sentences of what is wrong with it.

import { basename } from "node:path";
import { isNode, lineOf, type Node, type SourceFile } from "./source-file.ts";

export type Rule = (file: SourceFile) => string[];

const BANNED_NAMES = /^(utils?|helpers?|common|misc|shared|.*manager)$/i;
const AMBIENT_GLOBALS = new Set(["setTimeout", "setInterval", "setImmediate"]);
const AMBIENT_MEMBERS = new Set([
  "Date.now",
  "Math.random",
  "performance.now",
  "process.env",
  "process.hrtime",
  "AbortSignal.timeout",
  "crypto.randomUUID",
]);
// Programs start here: they read the environment and hand the real world to everything else.
const ENTRY_POINTS = /^(src\/world\/real\/|src\/cli\/|scripts\/|tests\/|bench\/|ui\/)|\.test\.tsx?$/;

export const bannedNames: Rule = (file) =>
  file.path
    .split("/")
    .map((part) => basename(part).replace(/\..*$/, ""))
    .filter((name) => BANNED_NAMES.test(name))
    .map((name) => `${file.path}: "${name}" names no noun; say what the file is about`);

// A unit test beside its source is explained by the source and by its tests' names.
export const openingSentence: Rule = (file) => {
  if (/^(src|ui)\/.*\.test\.ts$/.test(file.path)) return [];
  const first = file.comments[0];
  const before = first === undefined ? file.text : file.text.slice(0, first.start);
  const opens = first !== undefined && before.replace(/^#!.*\n/, "").trim() === "" && first.text.trim().length >= 15;
  return opens ? [] : [`${file.path} does not open with a comment that says why it exists`];
};

export const ambientWorld: Rule = (file) => {
  if (ENTRY_POINTS.test(file.path)) return [];
  return file.nodes.flatMap((node) => {
    const name = ambientName(node);
    return name === undefined ? [] : [`${lineOf(file, node.start)} uses ${name}: time and chance come from src/world`];
  });
};

function ambientName(node: Node): string | undefined {
  if (node.type === "MemberExpression") {
    const name = `${nameOf(node["object"])}.${nameOf(node["property"])}`;
    return AMBIENT_MEMBERS.has(name) ? name : undefined;
  }
  if (node.type === "CallExpression") {
    const name = nameOf(node["callee"]);
    return AMBIENT_GLOBALS.has(name) ? name : undefined;
  }
  const noArguments = Array.isArray(node["arguments"]) && node["arguments"].length === 0;
  return node.type === "NewExpression" && nameOf(node["callee"]) === "Date" && noArguments ? "new Date()" : undefined;
}

function nameOf(value: unknown): string {
  return isNode(value) && typeof value["name"] === "string" ? value["name"] : "";
}

export const honestTypes: Rule = (file) => [
  ...file.nodes.filter((node) => node.type === "TSAnyKeyword").map((node) => `${lineOf(file, node.start)} says any`),
  ...file.nodes
    .filter((node) => node.type === "TSNonNullExpression")
    .map((node) => `${lineOf(file, node.start)} says !`),
  ...file.comments
    .filter((comment) => /^\s*@ts-(ignore|nocheck)|oxlint-disable|eslint-disable|biome-ignore/.test(comment.text))
    .map((comment) => `${lineOf(file, comment.start)} silences a check`),
];

export const finishedWork: Rule = (file) => [
  ...file.comments
    .filter((comment) => /\b(TODO|FIXME|XXX|HACK)\b/.test(comment.text))
    .map((comment) => `${lineOf(file, comment.start)} leaves work for later`),
  ...file.nodes.filter(skipsForGood).map((node) => `${lineOf(file, node.start)} keeps a test from running`),
];

function skipsForGood(node: Node): boolean {
  if (node.type === "MemberExpression" && /^(test|it|describe|suite)$/.test(nameOf(node["object"]))) {
    return /^(only|skip|todo)$/.test(nameOf(node["property"]));
  }
  const key = node.type === "Property" ? nameOf(node["key"]) : "";
  const value = node["value"];
  return (key === "skip" || key === "only" || key === "todo") && isNode(value) && value["value"] === true;
}

const FUNCTION_LINES_MAX = 60;
// A component's function is mostly its markup.
const COMPONENT_LINES_MAX = 90;

export const shortFunctions: Rule = (file) => {
  const limit = file.path.endsWith(".tsx") ? COMPONENT_LINES_MAX : FUNCTION_LINES_MAX;
  return file.nodes.flatMap((node) => {
    const end = node["end"];
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return [];
    const lines = typeof end === "number" ? file.text.slice(node.start, end).split("\n").length : 0;
    return lines > limit ? [`${lineOf(file, node.start)} begins a function of ${lines} lines: at most ${limit}`] : [];
  });
};
