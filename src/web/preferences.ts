/** What a person chose for this browser: the look (see theme.ts), motion, language. */
import { effect, signal } from "@preact/signals";
import { readStored, store } from "./stored.ts";
import {
  moreContrast,
  readReducedMotion,
  readTheme,
  showTheme,
  storeReducedMotion,
  storeTheme,
  type Theme,
} from "./theme.ts";

const languageName = "taskwire:language";

export const theme = signal(readTheme());

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  storeTheme(chosen);
}

export const reducedMotion = signal(readReducedMotion());

export function setReducedMotion(reduced: boolean): void {
  reducedMotion.value = reduced;
  storeReducedMotion(reduced);
}

/** Keeps the document's theme right from now on. */
export function applyTheme(): void {
  const show = () => showTheme(theme.value, reducedMotion.value);
  effect(show);
  moreContrast.addEventListener("change", show);
}

/** `pseudo` is English in brackets, for finding text that is in no catalogue. */
export const language: "en" | "pseudo" = readStored(languageName) === "pseudo" ? "pseudo" : "en";

/** Loads the page anew: texts are taken when it loads. */
export function setLanguage(chosen: "en" | "pseudo"): void {
  store(languageName, chosen);
  location.reload();
}
