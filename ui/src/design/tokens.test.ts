// Computes the contrast of every text pair from tokens.css itself, in four appearances: a colour cannot be changed below the bar.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const TEXT_RATIO_MIN = 7;
const CONTROL_RATIO_MIN = 3;

type Appearance = { readonly name: string; readonly side: 0 | 1; readonly contrast: "normal" | "more" };
const APPEARANCES: readonly Appearance[] = [
  { name: "light", side: 0, contrast: "normal" },
  { name: "dark", side: 1, contrast: "normal" },
  { name: "light, high contrast", side: 0, contrast: "more" },
  { name: "dark, high contrast", side: 1, contrast: "more" },
];

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const [normalBlock = "", moreBlock = ""] = css.split(':root[data-contrast="more"]');

function tokensOf(block: string, side: 0 | 1): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", light = "", dark = ""] of block.matchAll(
    /--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\)/g,
  ))
    found.set(name, side === 0 ? light : dark);
  return found;
}

function colours({ side, contrast }: Appearance): Map<string, string> {
  return new Map([...tokensOf(normalBlock, side), ...(contrast === "more" ? tokensOf(moreBlock, side) : [])]);
}

// Björn Ottosson's OKLab to linear sRGB; clipping to the gamut is what the browser's screen does.
function luminance(oklch: string): number {
  const [lightness = 0, chroma = 0, hue = 0] = oklch
    .slice(6, -1)
    .split(/[\s/]+/)
    .map(Number);
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return (
    0.2126 * clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s) +
    0.7152 * clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s) +
    0.0722 * clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s)
  );
}

function ratio(first: string, second: string): number {
  const [bright, dim] = [luminance(first), luminance(second)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

const GROUNDS = ["paper", "sheet", "well", "wash"];
const VERDICTS = ["clean", "suspicious", "infected", "unscanned"];
const TEXT_PAIRS: readonly (readonly [text: string, ground: string])[] = [
  ...["ink", "grey", "accent", "accent-strong", ...VERDICTS].flatMap((text) =>
    GROUNDS.map((ground) => [text, ground] as const),
  ),
  ...VERDICTS.flatMap((verdict) => [
    [verdict, `${verdict}-wash`] as const,
    ["ink", `${verdict}-wash`] as const,
    ["grey", `${verdict}-wash`] as const,
  ]),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
];

for (const appearance of APPEARANCES) {
  const colour = colours(appearance);
  const measure = (first: string, second: string): number => {
    const [one, two] = [colour.get(first), colour.get(second)];
    assert.ok(one && two, `${first} and ${second} are defined`);
    return ratio(one, two);
  };

  test(`every text reads at 7 to 1 or better: ${appearance.name}`, () => {
    const poor = TEXT_PAIRS.map(([text, ground]) => ({ text, ground, ratio: measure(text, ground) })).filter(
      (pair) => pair.ratio < TEXT_RATIO_MIN,
    );
    assert.deepEqual(poor, []);
  });

  test(`the edge of a control stands out at 3 to 1 or better: ${appearance.name}`, () => {
    for (const ground of ["paper", "sheet", "well"]) assert.ok(measure("edge", ground) >= CONTROL_RATIO_MIN, ground);
  });
}
