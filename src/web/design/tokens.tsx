/** Colours, distances, text. */
import { Sample, Section } from "./section.tsx";

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
  ["accent-hover", "the main action, pointed at"],
  ["accent-ground", "under the accent"],
  ["on-accent", "text on the accent"],
  ["danger", "what destroys, what is wrong"],
  ["danger-ground", "under it"],
  ["on-danger", "text on it"],
  ["good", "done"],
  ["good-ground", "under it"],
  ["late", "late, waiting, offline"],
  ["late-ground", "under it"],
  ["live", "live, here"],
  ["flash", "changed by somebody else"],
  ["focus", "the ring"],
  ["veil", "over what a dialog covers"],
  ["shadow-color", "shadows: --shadow"],
  ["shadow-color-high", "shadows: --shadow-high"],
] as const;

/** Of people and projects, by their id. */
const hues = ["hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5"] as const;
const radii = ["radius-small", "radius", "radius-large"] as const;
const shadows = ["shadow", "shadow-high"] as const;
const fonts = [
  ["font", "Text and controls"],
  ["mono", "WEB-42, code, secrets"],
] as const;
/** A finger gets larger ones. */
const heights = ["control", "control-small"] as const;
const times = [
  ["quick", "colours, menus"],
  ["calm", "dialogs, drawers"],
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
        <div class="design-row">
          {hues.map((name) => (
            <Sample key={name} name={`--${name}`}>
              <span class="design-swatch" style={{ background: `var(--${name})` }} />
            </Sample>
          ))}
        </div>
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
        {fonts.map(([name, use]) => (
          <p key={name} style={{ fontFamily: `var(--${name})` }}>
            {use} <code>--{name}</code>
          </p>
        ))}
      </Section>
      <ShapesSection />
      <MotionSection />
    </>
  );
}

function ShapesSection() {
  return (
    <Section title="Shapes" text="Lines are --line-width wide; what is pressed or filled in has one of two heights.">
      <div class="design-row">
        {radii.map((name) => (
          <Sample key={name} name={`--${name}`}>
            <span class="design-swatch" style={{ borderRadius: `var(--${name})` }} />
          </Sample>
        ))}
        {shadows.map((name) => (
          <Sample key={name} name={`--${name}`}>
            <span class="design-swatch" style={{ boxShadow: `var(--${name})`, background: "var(--raised)" }} />
          </Sample>
        ))}
        {heights.map((name) => (
          <Sample key={name} name={`--${name}`}>
            <span class="design-swatch" style={{ height: `var(--${name})` }} />
          </Sample>
        ))}
        <Sample name="--line-width">
          <span class="design-swatch" style={{ borderWidth: "var(--line-width)" }} />
        </Sample>
      </div>
    </Section>
  );
}

/** Pointed at, the bar moves as long as what it stands for. */
function MotionSection() {
  return (
    <Section title="Motion" text="All of it with --ease, and none where less motion is asked for. Point at a bar.">
      <ul class="design-spaces">
        {times.map(([name, use]) => (
          <li key={name} class="design-motion">
            <span class="design-bar" style={{ transition: `translate var(--${name}) var(--ease)` }} />
            <code>--{name}</code>
            <span class="quiet">{use}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
