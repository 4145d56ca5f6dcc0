// How many cells of a terminal a text takes, and as much of it as fits: names in any script must not break a line.

// East Asian wide and full-width blocks, and pictures (Unicode TR 11, TR 51).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ONLY_MARKS = /^\p{M}+$/u;

// The first one reads the tables of ICU, which takes 10 ms: not before there is a text to measure.
let segmenter: Intl.Segmenter | undefined;
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

export function widthOf(text: string): number {
  let cells = 0;
  for (const { segment } of graphemesOf(text)) cells += cellsOf(segment);
  return cells;
}

/** At most so many cells; what was cut off is marked. */
export function clip(text: string, cellsMax: number): string {
  if (widthOf(text) <= cellsMax) return text;
  let kept = "";
  let cells = 0;
  for (const { segment } of graphemesOf(text)) {
    cells += cellsOf(segment);
    if (cells > cellsMax - 1) break;
    kept += segment;
  }
  return cellsMax < 1 ? "" : `${kept}…`;
}

/** Lines of at most so many cells, broken between words; what does not fit into the last one is cut off. */
export function wrap(text: string, cellsMax: number, linesMax: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ");
  for (const [n, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= cellsMax) {
      line = longer;
      continue;
    }
    if (lines.length === linesMax - 1) return [...lines, clip([line, ...words.slice(n)].join(" ").trim(), cellsMax)];
    if (line !== "") lines.push(line);
    line = word;
  }
  return [...lines, clip(line, cellsMax)];
}

/** Exactly so many cells. */
export function fit(text: string, cells: number): string {
  const clipped = clip(text, cells);
  return clipped + " ".repeat(Math.max(0, cells - widthOf(clipped)));
}

function cellsOf(grapheme: string): number {
  if (ONLY_MARKS.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
