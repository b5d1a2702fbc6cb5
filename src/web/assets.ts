/** The page's files for the server: from the executable, or bundled from source at the first request. */
import type { Packed, PageFile } from "./bundle.ts";
import { isView } from "./view-paths.ts";

export interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** May be kept for ever. */
  readonly immutable: boolean;
  /** Compressed beforehand, by encoding. */
  readonly packed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const document = "/index.html";

/**
 * Path with a leading slash → file; `/` is the document. From source this takes about 0.1 s, so the caller asks when the
 * page is first wanted. In development names and lines stay readable. Throws AggregateError where the page does not bundle.
 */
export async function loadPage(mode: "development" | "production" | "test"): Promise<ReadonlyMap<string, Asset>> {
  const files = isExecutable() ? (await import("./embedded.ts")).files : await bundle(mode);
  const table = new Map<string, Asset>();
  for (const { path, type, text, base64, immutable, packed } of files) {
    const bytes = base64 ? Uint8Array.fromBase64(text) : new TextEncoder().encode(text);
    table.set(path === document ? "/" : path, { bytes, type, immutable, ...(packed && { packed: unpack(packed) }) });
  }
  return table;
}

const unpack = (packed: Packed): ReadonlyMap<string, Uint8Array<ArrayBuffer>> =>
  new Map(Object.entries(packed).map(([encoding, text]) => [encoding, Uint8Array.fromBase64(text)]));

async function bundle(mode: "development" | "production" | "test"): Promise<PageFile[]> {
  const { bundlePage } = await import("./bundle.ts");
  return bundlePage({ development: mode === "development" });
}

/**
 * Answers a function from a request's path to what `make` made of the page. Made once; in development from source made
 * anew whenever the document is asked for, so that a reload in the browser shows what was edited.
 */
export function createPage<Made>(mode: "development" | "production" | "test", make: () => Promise<Made>) {
  const anew = mode === "development" && !isExecutable();
  let made: Promise<Made> | undefined;
  return (path: string): Promise<Made> => {
    if (made === undefined || (anew && path === "/")) made = make();
    return made;
  };
}

/** Compiled code lives in a file system of its own. */
export const isExecutable = (): boolean => /^(\/\$bunfs\/|[A-Z]:[/\\]~BUN[/\\])/.test(import.meta.path);

/** The path of the table for the path of a request: the document for every view of the page. */
export const assetPath = (path: string): string => (isView(path) ? "/" : path);
