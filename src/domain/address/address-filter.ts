// Which addresses may be talked to at all: a list that blocks and a list that allows. Blocking wins.

import type { IpList } from "./ip-list.ts";

export type AddressFilter = {
  readonly block?: IpList;
  /** When given, only what it holds is allowed. */
  readonly allow?: IpList;
};

export function passesFilter(filter: AddressFilter, host: string): boolean {
  if (filter.block?.has(host) === true) return false;
  return filter.allow === undefined || filter.allow.has(host);
}
