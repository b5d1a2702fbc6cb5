/**
 * Makes dist/client, the package `@taskwire/client`: the module, the file for script tags, the styles, and declarations
 * that need no other package. `bun run build:sdk [folder]`.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { version } from "../package.json";
import { bundleSdk } from "../src/web/bundle-sdk.ts";
import { plainTypes, wireSource } from "./sdk-types.ts";

const root = new URL("..", import.meta.url).pathname;
const target = process.argv[2] ?? join(root, "dist/client");

const manifest = {
  name: "@taskwire/client",
  version,
  description: "Live projects, tasks and notifications of a Taskwire server",
  license: "MIT",
  type: "module",
  exports: {
    ".": { types: "./types/index.d.ts", default: "./index.js" },
    "./global": "./global.js",
    "./notifications.css": "./notifications.css",
  },
  types: "./types/index.d.ts",
  sideEffects: ["./global.js", "./notifications.css"],
  engines: { node: ">=20" },
};

/** Names in the package for the files that the server serves. */
const names: Readonly<Record<string, string>> = { "/sdk.js": "index.js", "/sdk.global.js": "global.js" };

/** The declarations of the SDK, with the protocol's types written out, so that no validator is needed to read them. */
async function writeDeclarations(folder: string): Promise<void> {
  // Under the root, where the compiler finds the validator's types.
  mkdirSync(join(root, "dist"), { recursive: true });
  const work = mkdtempSync(join(root, "dist/types-"));
  try {
    await emit(work, "src/client/index.ts");
    const clients = reachable(join(work, "src/client"), "index.d.ts");
    const imports = [...clients.values()].flatMap((text) => importsOfProtocol(text));
    const source = join(work, "wire.ts");
    writeFileSync(source, wireSource(imports, "../../src/protocol"));
    await emit(work, source);
    const wire = plainTypes(readFileSync(join(work, source.slice(root.length).replace(/\.ts$/, ".d.ts")), "utf8"));
    writeFileSync(join(folder, "wire.d.ts"), wire);
    for (const [name, text] of clients) writeFileSync(join(folder, name), withoutProtocol(text));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function emit(folder: string, file: string): Promise<void> {
  const flags = ["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--outDir", folder, "--rootDir", root];
  flags.push("--target", "ESNext", "--module", "ESNext", "--moduleResolution", "bundler", "--lib", "ESNext,DOM");
  flags.push(
    "--types",
    "",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--allowImportingTsExtensions",
    "--skipLibCheck",
  );
  const compiler = Bun.spawn([process.execPath, "x", "tsc", ...flags, file], { cwd: root, stdout: "pipe" });
  const said = await new Response(compiler.stdout).text();
  if ((await compiler.exited) !== 0) throw new Error(`no declarations of ${file}:\n${said}`);
}

/** The declarations that `first` leads to, by file name. */
function reachable(folder: string, first: string): Map<string, string> {
  const all = new Set(readdirSync(folder));
  const found = new Map<string, string>();
  const visit = (name: string): void => {
    if (found.has(name) || !all.has(name)) return;
    const text = readFileSync(join(folder, name), "utf8");
    found.set(name, text);
    for (const [, next = ""] of text.matchAll(/from "\.\/([\w-]+)\.ts"/g)) visit(`${next}.d.ts`);
  };
  visit(first);
  return found;
}

/** Names with the protocol's file they come from. */
function importsOfProtocol(text: string): { readonly file: string; readonly name: string }[] {
  return [...text.matchAll(/(?:import|export) type \{([^}]+)\} from "\.\.\/protocol\/([\w-]+)\.ts"/g)].flatMap(
    ([, list = "", file = ""]) => list.split(",").map((name) => ({ file, name: name.trim() })),
  );
}

const withoutProtocol = (text: string): string =>
  text.replace(/"\.\.\/protocol\/[\w-]+\.ts"/g, '"./wire.js"').replace(/"\.\/([\w-]+)\.ts"/g, '"./$1.js"');

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "types"), { recursive: true });
for (const { path, text } of await bundleSdk({ minify: true })) {
  const name = names[path] ?? path.slice(1);
  writeFileSync(join(target, name), text);
  console.log(`${name}: ${text.length} bytes, ${gzipSync(text, { level: 9 }).length} compressed`);
}
await writeDeclarations(join(target, "types"));
writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
cpSync(join(root, "LICENSE"), join(target, "LICENSE"));
cpSync(join(root, "docs/sdk.md"), join(target, "README.md"));
console.log(`${target}: @taskwire/client ${version}`);
