// The link types that a capture file may name (https://www.tcpdump.org/linktypes.html), by the names used there.

export const LINK = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawBsd: 12,
  rawOpenBsd: 14,
  pppSerial: 50,
  pppEthernet: 51,
  raw: 101,
  ciscoHdlc: 104,
  wireless: 105,
  loop: 108,
  linuxCooked: 113,
  prism: 119,
  radiotap: 127,
  ppi: 192,
  pppWithDirection: 204,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;
