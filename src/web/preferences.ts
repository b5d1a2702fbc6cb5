/** What this browser remembers about the looks of the page. */
import { computed, effect, signal } from "@preact/signals";

const themes = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof themes)[number];

const themeName = "taskwire:theme";
const motionName = "taskwire:motion";
const languageName = "taskwire:language";

/** Storage may be forbidden; then nothing is remembered. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // As above: it holds until the page is left.
  }
}

/** What was chosen here; `system` follows the machine's setting. */
export const theme = signal<Theme>(themes.find((name) => name === read(themeName)) ?? "system");

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  write(themeName, chosen);
}

/** Less motion than the machine asks for; more is never shown. */
export const reducedMotion = signal(read(motionName) === "reduced");

export function setReducedMotion(reduced: boolean): void {
  reducedMotion.value = reduced;
  write(motionName, reduced ? "reduced" : "system");
}

const moreContrast = matchMedia("(prefers-contrast: more)");
const contrastWanted = signal(moreContrast.matches);
moreContrast.addEventListener("change", ({ matches }) => {
  contrastWanted.value = matches;
});

/** What the styles go by: undefined for the machine's light or dark. */
const shown = computed(() => {
  if (theme.value !== "system") return theme.value;
  return contrastWanted.value ? "contrast" : undefined;
});

/** Keeps `data-theme` and `data-motion` of the document right from now on. */
export function applyTheme(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (shown.value === undefined) delete dataset.theme;
    else dataset.theme = shown.value;
    if (reducedMotion.value) dataset.motion = "reduced";
    else delete dataset.motion;
  });
}

/** `pseudo` is English in brackets, for finding text that is in no catalogue. */
export const language: "en" | "pseudo" = read(languageName) === "pseudo" ? "pseudo" : "en";

/** Loads the page anew: texts are taken when it loads. */
export function setLanguage(chosen: "en" | "pseudo"): void {
  write(languageName, chosen);
  location.reload();
}
