/** Regions and time zones to choose from, as this browser knows them. */

interface Choice {
  readonly value: string;
  readonly text: string;
}

/** Tags that many write; the browser's own and the chosen one are added. */
const common = [
  "de-AT",
  "de-DE",
  "en-AU",
  "en-GB",
  "en-US",
  "es-ES",
  "fr-FR",
  "it-IT",
  "ja-JP",
  "nl-NL",
  "pl-PL",
  "pt-BR",
  "sv-SE",
];

/** By name in English. */
export function localeOptions(chosen: string): readonly Choice[] {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const tags = new Set([...common, ...navigator.languages, chosen]);
  return [...tags].map((value) => ({ value, text: names.of(value) ?? value })).sort(byText);
}

/** With the hours they are from UTC now. */
export function timeZoneOptions(chosen: string): readonly Choice[] {
  const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC", chosen]);
  return [...zones]
    .map((value) => ({ value, text: `${value.replaceAll("_", " ")} (${offsetOf(value)})` }))
    .sort(byText);
}

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

const byText = (one: Choice, other: Choice): number => one.text.localeCompare(other.text);

function offsetOf(timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "shortOffset" }).formatToParts();
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}
