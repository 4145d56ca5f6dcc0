// The layers of DESIGN: which file may import which. Imports go down only, and the planes never meet.

import type { Import, SourceFile } from "./source-file.ts";

const LAYERS = ["base", "domain", "wire", "world", "engine", "plane", "cli"] as const;
type Layer = (typeof LAYERS)[number];

const PLANES = new Set(["node", "portal", "gate"]);
const IO_MODULES = new Set(
  ["fs", "fs/promises", "net", "dgram", "dns", "dns/promises", "http", "http2", "https", "tls"]
    .concat(["child_process", "worker_threads", "cluster", "sqlite", "readline"])
    .map((name) => `node:${name}`),
);
const PURE_LAYERS = new Set<Layer>(["base", "domain", "wire", "engine"]);

/** The sentences of what is wrong with the file's imports. */
export function layerFaults(file: SourceFile): string[] {
  return file.imports.flatMap((one) => faultOf(file.path, one) ?? []);
}

function faultOf(path: string, one: Import): string | undefined {
  if (path.startsWith("ui/")) return faultOfPage(path, one);
  const own = folderOf(path);
  if (own === undefined) return undefined;
  const isTest = path.endsWith(".test.ts");
  if (!isTest && IO_MODULES.has(one.from) && PURE_LAYERS.has(layerOf(own))) {
    return `${path} imports ${one.from}: ${own} reaches the outside only through the ports of src/world`;
  }
  if (/^(tests|scripts|bench|ui)\//.test(one.from)) {
    return isTest
      ? undefined
      : `${path} imports ${one.from}: the product does not depend on its tests, scripts or pages`;
  }
  const other = folderOf(one.from);
  if (other === undefined || other === own) return undefined;
  if (PLANES.has(own) && PLANES.has(other)) return `${path} imports ${one.from}: the planes never import each other`;
  if (isTest && !PLANES.has(other) && other !== "cli") return undefined;
  if (rankOf(other) < rankOf(own)) return undefined;
  return `${path} imports ${one.from}: ${own} lies below ${other}, and imports go down only`;
}

function faultOfPage(path: string, one: Import): string | undefined {
  if (!one.from.startsWith("src/")) return undefined;
  if (one.onlyTypes && /^src\/(wire\/api|domain)\//.test(one.from)) return undefined;
  return `${path} imports ${one.from}: pages take only types, and only from src/wire/api and src/domain`;
}

/** The folder under src, such as "wire"; undefined for anything else. */
function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function layerOf(folder: string): Layer {
  if (PLANES.has(folder)) return "plane";
  const layer = LAYERS.find((name) => name === folder);
  if (layer === undefined) throw new Error(`src/${folder} is no layer of DESIGN`);
  return layer;
}

function rankOf(folder: string): number {
  return LAYERS.indexOf(layerOf(folder));
}
