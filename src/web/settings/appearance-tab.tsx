/** Looks, motion and keys, for this browser. */
import { letterKeys, setLetterKeys } from "../palette/shortcuts.ts";
import { reducedMotion, setReducedMotion, setTheme, theme } from "../preferences.ts";
import { texts } from "../texts/index.ts";
import type { Theme } from "../theme.ts";
import { Checkbox } from "../ui/field.tsx";
import type { TabProps } from "./my-settings.tsx";

const words = texts.settings.appearance;
const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

export function AppearanceTab(_: TabProps) {
  return (
    <>
      <fieldset class="section theme-choices">
        <legend>{words.theme}</legend>
        {themes.map((name) => (
          <label key={name} class="theme-choice" data-look={name}>
            <span class="theme-picture" aria-hidden="true">
              <span />
              <span />
              <span />
            </span>
            <span class="theme-name">
              <input type="radio" name="theme" checked={theme.value === name} onChange={() => setTheme(name)} />
              {words.themes[name]}
            </span>
          </label>
        ))}
      </fieldset>
      <section class="section stack">
        <h2>{words.motion}</h2>
        <Checkbox
          label={words.reduced}
          hint={words.reducedHint}
          isSwitch
          checked={reducedMotion.value}
          onChange={(event) => setReducedMotion(event.currentTarget.checked)}
        />
        <h2>{words.keys}</h2>
        <Checkbox
          label={texts.palette.shortcuts.letters}
          hint={texts.palette.shortcuts.lettersHint}
          isSwitch
          checked={letterKeys.value}
          onChange={(event) => setLetterKeys(event.currentTarget.checked)}
        />
        <p class="quiet">{words.kept}</p>
      </section>
    </>
  );
}
