// Whether bytes look like what a cipher makes. Each test lets far less than one random sample in ten thousand fail, and almost
// every text, header and compressed beginning fails one of them.

/** Below this a sample says too little. */
const SAMPLE_BYTES_MIN = 24;
const SAMPLE_BYTES_MAX = 512;
const counts = new Uint16Array(256);
const high = new Uint16Array(16);
const low = new Uint16Array(16);

/** `read(i)` gives byte i of the sample. */
export function looksRandom(bytes: Uint8Array, begin: number, end: number): boolean {
  const count = Math.min(end - begin, SAMPLE_BYTES_MAX);
  if (count < SAMPLE_BYTES_MIN) return false;
  counts.fill(0);
  high.fill(0);
  low.fill(0);
  let ones = 0;
  let printable = 0;
  let longestRun = 1;
  let run = 1;
  for (let i = 0; i < count; i += 1) {
    const byte = bytes[begin + i] as number;
    counts[byte] = (counts[byte] as number) + 1;
    high[byte >>> 4] = (high[byte >>> 4] as number) + 1;
    low[byte & 15] = (low[byte & 15] as number) + 1;
    ones += onesIn(byte);
    if (byte >= 0x20 && byte < 0x7f) printable += 1;
    run = i > 0 && bytes[begin + i - 1] === byte ? run + 1 : 1;
    if (run > longestRun) longestRun = run;
  }
  if (longestRun > 3) return false;
  if (Math.abs(ones - 4 * count) > 4.5 * Math.sqrt(2 * count)) return false;
  if (printable > 0.371 * count + 4.5 * Math.sqrt(0.234 * count)) return false;
  return isFlat(high, count) && isFlat(low, count) && mostFrequent() <= frequencyMax(count);
}

// Chi-square with 15 degrees of freedom: 50 is exceeded once in eighty thousand.
function isFlat(nibbles: Uint16Array, count: number): boolean {
  const expected = count / 16;
  let sum = 0;
  for (let i = 0; i < 16; i += 1) sum += ((nibbles[i] as number) - expected) ** 2;
  return sum / expected < 50;
}

function mostFrequent(): number {
  let most = 0;
  for (let i = 0; i < 256; i += 1) if ((counts[i] as number) > most) most = counts[i] as number;
  return most;
}

// The largest of 256 Poisson counts: seven for a hundred bytes, fourteen for five hundred, once in ten thousand more.
function frequencyMax(count: number): number {
  return 6 + count / 64;
}

function onesIn(byte: number): number {
  const pairs = byte - ((byte >>> 1) & 0x55);
  const nibbles = (pairs & 0x33) + ((pairs >>> 2) & 0x33);
  return (nibbles + (nibbles >>> 4)) & 15;
}
