/** Turns the SDK's sources into the files that other pages load. Runs in development and at build time only. */
import type { PageFile } from "./bundle.ts";
import { bundleOne } from "./bundle-one.ts";

const styles = Bun.file(new URL("../client/notifications.css", import.meta.url));
const script = "text/javascript; charset=utf-8";

/**
 * `/sdk.js` (a module), `/sdk.global.js` (for script tags) and `/notifications.css`. Their names stay the same from version
 * to version, so browsers ask whether they changed. Throws AggregateError with what the bundler says.
 */
export async function bundleSdk({ minify }: { readonly minify: boolean }): Promise<PageFile[]> {
  const file = (path: string, type: string, text: string): PageFile => ({ path, type, text, immutable: false });
  return [
    file("/sdk.js", script, await bundleOne("../client/index.ts", "esm", minify)),
    file("/sdk.global.js", script, await bundleOne("../client/global.ts", "iife", minify)),
    // As it is: the bundler would turn `light-dark()` into something that needs a `color-scheme` in the same file.
    file("/notifications.css", "text/css; charset=utf-8", await styles.text()),
  ];
}
