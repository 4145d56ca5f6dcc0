// The token of a one-time sign-in link. It stands behind the #, so no server and no log ever sees it.

type Address = { readonly path: string; readonly hash: string };

export function linkToken({ path, hash }: Address): string | undefined {
  if (path === "/sign-in") return /^#token=([\w-]+)$/.exec(hash)?.[1];
  if (path === "/sign-in/link") return /^#(?:token=)?([\w-]+)$/.exec(hash)?.[1];
  return undefined;
}
