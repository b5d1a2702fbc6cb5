/** Turns a source and all that it imports into one file. Runs in development and at build time only. */

/** `source`: its path, seen from here. Throws AggregateError with what the bundler says. */
export async function bundleOne(source: string, format: "esm" | "iife", minify: boolean): Promise<string> {
  const entry = Bun.fileURLToPath(new URL(source, import.meta.url));
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "browser", format, minify });
  const [output] = outputs;
  if (!output || outputs.length > 1) throw new Error(`${source} makes ${outputs.length} files instead of one`);
  return output.text();
}
