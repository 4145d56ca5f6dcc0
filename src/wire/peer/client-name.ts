// Which program a peer says it is, for people. It decides nothing: anybody can claim any name.

const AZUREUS_NAMES: Readonly<Record<string, string>> = {
  "7T": "aTorrent",
  AZ: "Vuze",
  BI: "BiglyBT",
  DE: "Deluge",
  KT: "KTorrent",
  LT: "libtorrent",
  lt: "libTorrent (rtorrent)",
  qB: "qBittorrent",
  RN: "rain",
  rQ: "rqbit",
  SG: "Swarmgate",
  TR: "Transmission",
  UM: "µTorrent Mac",
  UT: "µTorrent",
  UW: "µTorrent Web",
  WS: "web seed",
  WW: "WebTorrent",
};

const NAME_CHARACTERS_MAX = 60;

/** Reads the Azureus form (`-TR3000-`) and aria2's; anything else is "unknown". */
export function clientOfPeerId(peerId: Uint8Array): string {
  const text = Buffer.from(peerId).toString("latin1");
  const azureus = /^-([A-Za-z0-9~]{2})([0-9A-Za-z]{4})-/.exec(text);
  if (azureus !== null) {
    const [, code = "", version = ""] = azureus;
    const digits = Array.from(version, versionDigit).join(".");
    return `${AZUREUS_NAMES[code] ?? code} ${digits.replace(/(\.0)+$/, "")}`;
  }
  const aria = /^(?:A2|-A2)-?(\d+)-(\d+)-(\d+)/.exec(text);
  if (aria !== null) return `aria2 ${aria.slice(1).join(".")}`;
  return "unknown";
}

/** Text from a peer as it may be shown: no control or direction characters, at most 60 characters. */
export function printableName(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").slice(0, NAME_CHARACTERS_MAX);
}

function versionDigit(character: string): string {
  const digit = Number.parseInt(character, 36);
  return Number.isNaN(digit) ? "0" : String(digit);
}
