/**
 * Which look the page has. Decided twice by the same rules: before anything is painted (theme-first.ts), so that no other
 * theme is seen for a moment, and whenever a choice or the machine changes (preferences.ts).
 */
import { readStored, store } from "./stored.ts";

const themes = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof themes)[number];

const themeName = "taskwire:theme";
const motionName = "taskwire:motion";

/** What was chosen in this browser; `system` follows the machine's setting. */
export const readTheme = (): Theme => themes.find((name) => name === readStored(themeName)) ?? "system";
export const storeTheme = (theme: Theme): void => store(themeName, theme);

/** Less motion than the machine asks for; more is never shown. */
export const readReducedMotion = (): boolean => readStored(motionName) === "reduced";
export const storeReducedMotion = (reduced: boolean): void => store(motionName, reduced ? "reduced" : "system");

/** What a phone paints around the page: `--sunken` of tokens.css, the ground of the bar at its top. */
const barColors = { light: "#eef0f4", dark: "#13171d" } as const;

export const moreContrast = matchMedia("(prefers-contrast: more)");

/** `data-theme` and `data-motion` of the document, which the styles go by; no theme: the machine's light or dark. */
export function showTheme(theme: Theme, reducedMotion: boolean): void {
  const { dataset } = document.documentElement;
  const shown = theme !== "system" ? theme : moreContrast.matches ? "contrast" : undefined;
  if (shown === undefined) delete dataset.theme;
  else dataset.theme = shown;
  if (reducedMotion) dataset.motion = "reduced";
  else delete dataset.motion;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const machine = meta.media.includes("dark") ? "dark" : "light";
    meta.content = barColors[shown === "light" || shown === "dark" ? shown : machine];
  }
}
