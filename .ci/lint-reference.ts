/**
 * Lints docs/openapi.json (Redocly, every warning an error) and docs/asyncapi.json (the parser of AsyncAPI). Needs no network.
 * Part of `bun run check`.
 */
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const root = Bun.fileURLToPath(new URL("..", import.meta.url));

/** The newest version of AsyncAPI is recommended to everybody; 3.0 is what generators read. */
const leftOut: ReadonlySet<string | number> = new Set(["asyncapi-latest-version"]);

async function lintOpenApi(): Promise<boolean> {
  // Run by this Bun, so that no Node is needed.
  const program = Bun.fileURLToPath(import.meta.resolve("@redocly/cli/bin/cli.js"));
  const lint = Bun.spawn([process.execPath, program, "lint", "docs/openapi.json", "--extends=recommended-strict"], {
    cwd: root,
    env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    stdout: "inherit",
    stderr: "inherit",
  });
  return (await lint.exited) === 0;
}

async function lintAsyncApi(): Promise<boolean> {
  const found = await new Parser().validate(readFileSync(`${root}docs/asyncapi.json`, "utf8"));
  const counted = found.filter(({ code }) => !leftOut.has(code));
  for (const { code, path, message } of counted)
    console.error(`docs/asyncapi.json ${path.join(".")}: ${message} (${code})`);
  if (counted.length === 0) console.log("docs/asyncapi.json: valid");
  return counted.length === 0;
}

const clean = [await lintOpenApi(), await lintAsyncApi()];
process.exit(clean.every(Boolean) ? 0 : 1);
