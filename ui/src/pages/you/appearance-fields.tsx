// Light or dark, and how much contrast.

import type { ReactNode } from "react";
import { ChoiceField } from "../../design/field.tsx";
import { CONTRASTS, choose, THEMES, useAppearance } from "../../world/appearance.ts";

const THEME_CHOICES = [
  { value: "system", word: "As the system" },
  { value: "light", word: "Light" },
  { value: "dark", word: "Dark" },
] as const;

const CONTRAST_CHOICES = [
  { value: "system", word: "As the system" },
  { value: "normal", word: "Normal" },
  { value: "more", word: "High" },
] as const;

export function AppearanceFields(): ReactNode {
  const { theme, contrast } = useAppearance();
  return (
    <div className="stack">
      <ChoiceField
        label="Light or dark"
        value={theme}
        choices={THEME_CHOICES}
        onChange={(value) => choose({ theme: THEMES.find((known) => known === value) ?? "system" })}
      />
      <ChoiceField
        label="Contrast"
        value={contrast}
        choices={CONTRAST_CHOICES}
        onChange={(value) => choose({ contrast: CONTRASTS.find((known) => known === value) ?? "system" })}
      />
    </div>
  );
}
