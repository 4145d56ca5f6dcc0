// Length prefixes: ciphertext that is framed announces its length in clear, and MSE announces nothing. So a prefix that
// fits, at any usual place and width, says that a flow is some other encrypted protocol.

/** What one side said before the other spoke: its first bytes, as far as they were kept, and how many there were. */
export type Flight = { readonly head: Uint8Array; readonly totalBytes: number };

/** Where a length stands in a frame, and what it counts: bytes behind it, from itself on, or the whole frame. */
type Form = {
  readonly offset: number;
  readonly width: number;
  readonly isLittle: boolean;
  readonly counts: "rest" | "itself" | "whole";
  readonly unitBytes: number;
};

const FRAMES_MAX = 64;
const OFFSET_MAX = 8;
/** One byte fits by chance far more often: only where it usually stands. */
const NARROW_OFFSET_MAX = 3;
const WIDTHS = [2, 3, 4] as const;
const COUNTS = ["rest", "itself", "whole"] as const;

const FORMS: readonly Form[] = [...wideForms(), ...narrowForms()];
const FIRST_FORMS = FORMS.filter(({ offset, width }) => offset === 0 && width > 1);

function wideForms(): Form[] {
  const offsets = Array.from({ length: OFFSET_MAX + 1 }, (_, offset) => offset);
  return offsets.flatMap((offset) =>
    WIDTHS.flatMap((width) =>
      [false, true].flatMap((isLittle) => COUNTS.map((counts) => ({ offset, width, isLittle, counts, unitBytes: 1 }))),
    ),
  );
}

function narrowForms(): Form[] {
  const offsets = Array.from({ length: NARROW_OFFSET_MAX + 1 }, (_, offset) => offset);
  return offsets.flatMap((offset) =>
    [1, 4].map((unitBytes) => ({ offset, width: 1, isLittle: false, counts: "rest" as const, unitBytes })),
  );
}

/** Whether a length at the very beginning tells the flight's end, which chance does once in ten thousand. */
export function isFramed(flight: Flight): boolean {
  return FIRST_FORMS.some((form) => endsFrames(flight, form));
}

/** Whether one form of frame fits both flights: a framed protocol frames both its sides. */
export function areFramedAlike(one: Flight, other: Flight): boolean {
  return FORMS.some((form) => endsFrames(one, form) && endsFrames(other, form));
}

// Each prefix leads to the next frame, and the last frame ends where the flight does.
function endsFrames({ head, totalBytes }: Flight, form: Form): boolean {
  let at = 0;
  for (let frames = 0; frames < FRAMES_MAX; frames += 1) {
    const lengthAt = at + form.offset;
    if (lengthAt + form.width > head.length) return false;
    const value = (form.isLittle ? little : big)(head, lengthAt, form.width) * form.unitBytes;
    const next = value + (form.counts === "whole" ? at : form.counts === "itself" ? lengthAt : lengthAt + form.width);
    if (next === totalBytes) return true;
    if (next <= lengthAt || next > totalBytes) return false;
    at = next;
  }
  return false;
}

function big(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i += 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}

function little(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}
