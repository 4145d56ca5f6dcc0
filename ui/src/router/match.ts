// Which page a path names. Patterns are plain: "/requests/:id?" has one optional parameter at its end.

export type PathParams = Readonly<Record<string, string>>;

export function matchPath(pattern: string, path: string): PathParams | undefined {
  const wanted = pattern.split("/").slice(1);
  const given = path.replace(/\/+$/, "").split("/").slice(1);
  if (given.length > wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (!part.startsWith(":")) {
      if (part !== (value ?? "")) return undefined;
      continue;
    }
    const optional = part.endsWith("?");
    if (value === undefined || value === "") {
      if (!optional) return undefined;
      continue;
    }
    const text = plainText(value);
    if (text === undefined) return undefined;
    params[part.slice(1, optional ? -1 : undefined)] = text;
  }
  return params;
}

function plainText(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
