/** Colours, distances, text. */
import { Section } from "./section.tsx";

const colours = [
  ["ground", "the page"],
  ["surface", "cards, heads, inputs"],
  ["raised", "dialogs, menus"],
  ["sunken", "columns, side bar"],
  ["hover", "pointed at"],
  ["pressed", "pressed, chosen"],
  ["line", "lines that separate"],
  ["line-strong", "lines of what is pressed or filled in"],
  ["text", "text"],
  ["quiet", "text of less weight"],
  ["accent", "links, the main action"],
  ["accent-ground", "under the accent"],
  ["danger", "what destroys, what is wrong"],
  ["danger-ground", "under it"],
  ["good", "done"],
  ["good-ground", "under it"],
  ["late", "late, waiting, offline"],
  ["late-ground", "under it"],
  ["live", "live, here"],
  ["flash", "changed by somebody else"],
  ["focus", "the ring"],
] as const;

const spaces = [1, 2, 3, 4, 5, 6, 8, 12] as const;

const sizes = [
  ["title-size", "Titles"],
  ["large-size", "Heads"],
  ["text-size", "Text"],
  ["small-size", "Less than text"],
] as const;

export function TokensSection() {
  return (
    <>
      <Section title="Colours" text="Each is written once for light and once for dark; high contrast has its own.">
        <ul class="design-colours">
          {colours.map(([name, use]) => (
            <li key={name}>
              <span class="design-swatch" style={{ background: `var(--${name})` }} />
              <span>
                <code>--{name}</code>
                <br />
                <span class="quiet">{use}</span>
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Distances" text="Multiples of 4 px.">
        <ul class="design-spaces">
          {spaces.map((space) => (
            <li key={space}>
              <span class="design-bar" style={{ width: `var(--space-${space})` }} />
              <code>--space-{space}</code>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Text" text="The system's own font.">
        {sizes.map(([name, use]) => (
          <p key={name} style={{ fontSize: `var(--${name})` }}>
            {use}: the quick brown fox jumps over the lazy dog <code>--{name}</code>
          </p>
        ))}
      </Section>
    </>
  );
}
