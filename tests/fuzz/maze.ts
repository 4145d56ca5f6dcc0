// A target for the loop's own test: each right byte opens one more door, and only the code that ran tells of it.

const DOORS = "go";

export function walk(input: Uint8Array): string {
  if (input[0] === DOORS.charCodeAt(0)) {
    if (input[1] === DOORS.charCodeAt(1)) return "same";
    return "same";
  }
  return "same";
}

export function depthOf(input: Uint8Array): number {
  const wrong = Array.from(DOORS).findIndex((letter, n) => input[n] !== letter.charCodeAt(0));
  return wrong < 0 ? DOORS.length : wrong;
}
