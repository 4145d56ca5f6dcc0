import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PathRegistry, safeName, safePath } from "./safe-path.ts";

function codeOf(name: string): string {
  const checked = safeName(name);
  return checked.ok ? "safe" : checked.error.code;
}

function allAre(code: string, names: readonly string[]): void {
  for (const name of names) equal(codeOf(name), code, JSON.stringify(name));
}

function collides(...paths: string[]): boolean {
  const registry = new PathRegistry();
  return paths.map((path) => registry.add(path.split("/"))).some((found) => found !== undefined);
}

test("ordinary names of all scripts are safe", () => {
  const names = [
    "a",
    "README.md",
    "filename=4",
    "Übung 1.pdf",
    "データ.csv",
    "نتائج",
    "💈",
    "a..b",
    "-rf",
    "~x",
    "conference",
  ];
  allAre("safe", names);
});

test("H26: a name that means another folder is refused", () => {
  allAre("metainfo.path_bad_name", ["..", "."]);
  allAre("metainfo.path_separator", ["../x", "a/../../b", "..\\x"]);
});

test("H27: absolute paths, drives and UNC names are refused", () => {
  allAre("metainfo.path_separator", ["/etc/passwd", "\\\\server\\share", "//server", "c:\\x"]);
  allAre("metainfo.path_bad_name", ["c:", "C:x"]);
});

test("H28: a backslash is a separator", () => allAre("metainfo.path_separator", ["a\\b", "\\"]));

test("H29: NUL, newlines and terminal escapes are refused", () => {
  allAre("metainfo.path_bad_name", [
    "a\0b",
    "a\nb",
    "a\rb",
    "\u001b[31mred",
    "\u0080",
    "\u009b2J",
    "\u007f",
    "a\u2028b",
  ]);
});

test("H31: Windows devices are refused, with any extension and case", () => {
  allAre("metainfo.path_bad_name", ["CON", "nul.txt", "COM¹", "lpt9", "Aux.tar.gz", "prn .txt", "CONOUT$", "com0"]);
  allAre("safe", ["CONSOLE", "nullable.txt", "COM10", "a.con"]);
});

test("H32: a dot or a space at the end is refused", () => {
  allAre("metainfo.path_bad_name", ["abc.", "abc...", "abc ", "abc\u00a0", " "]);
});

test("H33: a colon is refused", () => allAre("metainfo.path_bad_name", ["file.txt:evil", "a:$DATA"]));

test("H34: characters that turn or hide the text are refused", () => {
  const names = [
    "a\u202efdp.exe",
    "a\u200bb",
    "a\u200db",
    "\ufeffa",
    "a\u2062b",
    "a\u2069b",
    "a\u00adb",
    "a\u034fb",
    "\u3164",
  ];
  allAre("metainfo.path_bad_name", names);
});

test("H35: names that meet after Unicode normalisation or case folding are refused", () => {
  truthy(collides("é.txt", "e\u0301.txt"));
  truthy(collides("Readme", "README"));
  truthy(collides("straße", "STRASSE"));
  truthy(collides("dir/a", "DIR/A"));
  truthy(collides("\u212a", "k"));
  equal(collides("Dir/a", "dir/b"), false);
  equal(collides("a/b", "a/c", "b/a"), false);
});

test("H36: a file where a folder is needed is refused, in either order", () => {
  truthy(collides("a", "a/b"));
  truthy(collides("a/b", "A"));
  truthy(collides("a/b/c", "a/b"));
});

test("H37: a name of 255 bytes is safe, one more byte is refused", () => {
  equal(codeOf("x".repeat(255)), "safe");
  equal(codeOf("x".repeat(256)), "metainfo.path_name_too_long");
  equal(codeOf("é".repeat(128)), "metainfo.path_name_too_long");
});

test("H38: a path of 100 segments is safe, 101 are refused, and so is a path too long to store", () => {
  truthy(safePath(Array.from({ length: 100 }, () => "d")).ok);
  for (const path of [Array.from({ length: 101 }, () => "d"), Array.from({ length: 20 }, () => "x".repeat(200))]) {
    const checked = safePath(path);
    equal(!checked.ok && checked.error.code, "metainfo.path_depth_exceeded");
  }
  equal(safePath([]).ok, false);
});

test("H39: hidden names are refused", () => allAre("metainfo.path_hidden", [".git", ".bashrc", ".ssh", "..a"]));

test("H43: a million copies of one name are refused at the second", () => {
  const registry = new PathRegistry();
  equal(registry.add(["same"]), undefined);
  deepEqual(registry.add(["same"]), { code: "metainfo.path_collision", data: { path: "same" } });
});

test("H46: shell metacharacters are ordinary characters, because no shell ever sees a name", () => {
  allAre("safe", ["$(touch x)", "`id`", "a;b", "a|b", "a&b", "*", "'\"", "a b"]);
});

test("whatever is called safe stays one segment inside its folder", () => {
  const names = fc.string({ unit: "binary", maxLength: 20 });
  fc.assert(
    fc.property(names, (name) => {
      if (!safeName(name).ok) return;
      truthy(!/[/\\\0]/.test(name) && name !== "." && name !== ".." && name.length > 0);
    }),
    { numRuns: 3_000 },
  );
});
