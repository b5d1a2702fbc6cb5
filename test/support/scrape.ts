/** A scraper of `GET /metrics`. */
import { type Family, readExposition } from "./exposition.ts";

export interface Scrape {
  readonly families: ReadonlyMap<string, Family>;
  /** The value of a series, of all its labels added up where they are not given; 0 where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

export async function scrape(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`, { headers });
  if (response.status !== 200) throw new Error(`/metrics was answered ${response.status} ${await response.text()}`);
  const families = readExposition(await response.text());
  return {
    families,
    value(name, labels = {}) {
      const family = families.get(name.replace(/_(bucket|sum|count)$/, "")) ?? families.get(name);
      if (!family) throw new Error(`there is no metric ${name}`);
      const fits = family.series.filter(
        (series) =>
          series.name === name && Object.entries(labels).every(([key, value]) => series.labels[key] === value),
      );
      return fits.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** Scrapes until `wanted` holds; the test's own deadline ends one that never does. */
export async function scrapeUntil(url: string, wanted: (scrape: Scrape) => boolean): Promise<Scrape> {
  for (;;) {
    const now = await scrape(url);
    if (wanted(now)) return now;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
