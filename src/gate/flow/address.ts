// IP addresses between the four words that the flow table keeps and the text that people and nftables read (RFC 5952).

/** `version` is 4 or 6; an IPv4 address is the last word. */
export function addressText(words: Int32Array, version: number): string {
  if (version === 4) {
    const word = words[3] ?? 0;
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
  }
  const groups: number[] = [];
  for (const word of words) groups.push(word >>> 16, word & 0xffff);
  return groupsText(groups);
}

// The longest run of at least two zero groups becomes "::", the first one when there are several.
function groupsText(groups: readonly number[]): string {
  let begin = -1;
  let length = 1;
  for (let at = 0; at < groups.length; at += 1) {
    let run = 0;
    while (groups[at + run] === 0) run += 1;
    if (run > length) {
      begin = at;
      length = run;
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (begin < 0) return hex(groups);
  return `${hex(groups.slice(0, begin))}::${hex(groups.slice(begin + length))}`;
}
