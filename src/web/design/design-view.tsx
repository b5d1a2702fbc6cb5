/** Every token and every part of the page, in all their states. In development only; its words are in no catalogue. */
import { useEffect, useState } from "preact/hooks";
import { language, setLanguage, setTheme, theme } from "../preferences.ts";
import type { Theme } from "../theme.ts";
import { Checkbox, SelectField } from "../ui/field.tsx";
import { ControlsSection } from "./controls.tsx";
import { LayersSection } from "./layers.tsx";
import { MarksSection } from "./marks.tsx";
import { TokensSection } from "./tokens.tsx";

const themes: readonly { readonly value: Theme; readonly text: string }[] = [
  { value: "system", text: "As the system" },
  { value: "light", text: "Light" },
  { value: "dark", text: "Dark" },
  { value: "contrast", text: "High contrast" },
];

export function DesignView() {
  const [, redraw] = useState(0);
  useEffect(() => {
    document.title = "Design";
    // Computed colours are read when the page is drawn.
    return theme.subscribe(() => redraw((count) => count + 1));
  }, []);
  const choose = (value: string) => {
    const found = themes.find((each) => each.value === value);
    if (found) setTheme(found.value);
  };
  return (
    <main class="design">
      <header class="design-head">
        <h1>Design</h1>
        <SelectField
          label="Theme"
          options={themes}
          value={theme.value}
          onChange={(event) => choose(event.currentTarget.value)}
        />
        <Checkbox
          label="Texts in brackets"
          hint="What shows without is in no catalogue."
          checked={language === "pseudo"}
          onChange={(event) => setLanguage(event.currentTarget.checked ? "pseudo" : "en")}
        />
      </header>
      <TokensSection />
      <ControlsSection />
      <MarksSection />
      <LayersSection />
    </main>
  );
}
