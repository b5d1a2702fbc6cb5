/** Turns the SDK's sources into the files that other pages load. Runs in development and at build time only. */
import type { PageFile } from "./bundle.ts";

const source = (name: string): string => Bun.fileURLToPath(new URL(`../client/${name}`, import.meta.url));
const script = "text/javascript; charset=utf-8";

/**
 * `/sdk.js` (a module), `/sdk.global.js` (for script tags) and `/notifications.css`. Their names stay the same from version
 * to version, so browsers ask whether they changed. Throws AggregateError with what the bundler says.
 */
export async function bundleSdk({ minify }: { readonly minify: boolean }): Promise<PageFile[]> {
  const file = (path: string, type: string, text: string): PageFile => ({ path, type, text, immutable: false });
  return [
    file("/sdk.js", script, await build("index.ts", "esm", minify)),
    file("/sdk.global.js", script, await build("global.ts", "iife", minify)),
    file("/notifications.css", "text/css; charset=utf-8", await build("notifications.css", "esm", minify)),
  ];
}

async function build(entry: string, format: "esm" | "iife", minify: boolean): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: [source(entry)], target: "browser", format, minify });
  const [output] = outputs;
  if (!output || outputs.length > 1) throw new Error(`${entry} makes ${outputs.length} files instead of one`);
  return output.text();
}
