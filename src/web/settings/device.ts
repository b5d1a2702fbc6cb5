/** What a browser says of itself, in words. */
import { texts } from "../texts/index.ts";

const words = texts.settings.sessions;

/** The first that fits: many say they are the ones before them too. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
] as const;
const systems = [
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
] as const;

/** `Firefox on Linux`; the name of a program as it gives it; words for nothing. */
export function deviceOf(userAgent: string | null): string {
  if (!userAgent) return words.unknownDevice;
  const browser = browsers.find(([shape]) => shape.test(userAgent))?.[1];
  const system = systems.find(([shape]) => shape.test(userAgent))?.[1];
  if (browser && system) return words.on(browser, system);
  return browser ?? userAgent.split(/[\s/]/)[0] ?? words.unknownDevice;
}
