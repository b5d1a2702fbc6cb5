/** Turns the page's sources into the files that browsers get. Runs in development and at build time only. */
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from "node:zlib";
import { bundleInstall } from "./bundle-install.ts";
import { bundleOne } from "./bundle-one.ts";
import { bundleSdk } from "./bundle-sdk.ts";

/** A file of the page. */
export interface PageFile {
  /** With a leading slash. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
  /** `text` is the content in base64: a picture, which is never compressed. */
  readonly base64?: true;
  /** Its name holds a hash of its content. */
  readonly immutable: boolean;
  /** The same compressed, in base64: made when the executable is built, so that it never compresses. */
  readonly packed?: Packed;
}

export interface Packed {
  readonly br: string;
  readonly zstd: string;
  readonly gzip: string;
}

const types = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  svg: "image/svg+xml",
} as const;

const typeOf = (path: string): string => {
  const extension = path.slice(path.lastIndexOf(".") + 1);
  if (Object.hasOwn(types, extension)) return types[extension as keyof typeof types];
  throw new Error(`no content type is known for ${path}`);
};

/**
 * Bundles the page, the SDK and the worker; what is imported dynamically becomes files of its own. `development`: names and lines stay readable, the page
 * has the view that documents its parts, and it follows edits. Throws AggregateError with what the bundler says.
 */
export async function bundlePage({ development }: { readonly development: boolean }): Promise<PageFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [Bun.fileURLToPath(new URL("./index.html", import.meta.url))],
    target: "browser",
    minify: !development,
    splitting: true,
    publicPath: "/",
    naming: { entry: "[name].[ext]", chunk: "assets/[name]-[hash].[ext]", asset: "assets/[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": JSON.stringify(development ? "development" : "production") },
  });
  const page = await Promise.all(
    outputs.map(async (output) => {
      const path = output.path.replace(/^\.?\//, "/");
      return { path, type: typeOf(path), text: await output.text(), immutable: path.startsWith("/assets/") };
    }),
  );
  const first = await bundleFirst(!development);
  const install = await bundleInstall();
  const named = [await bundleWorker(!development), ...(await bundleSdk({ minify: !development }))];
  const head = `<script src="${first.path}"></script>${install.head}`;
  const pages = page.map((file) => (file.path === "/index.html" ? withHead(file, head) : file));
  return [...pages, first, ...install.files, ...named];
}

/** By itself: the bundler would make it part of the page's script, which is run after the first paint. */
async function bundleFirst(minify: boolean): Promise<PageFile> {
  const text = await bundleOne("./theme-first.ts", "iife", minify);
  const hash = Bun.hash.xxHash64(text).toString(36);
  return { path: `/assets/theme-${hash}.js`, type: types.js, text, immutable: true };
}

/** In front of the style sheets, which a script behind them would wait for. */
function withHead(document: PageFile, lines: string): PageFile {
  const [head, ...rest] = document.text.split("<title>");
  if (head === undefined || rest.length !== 1 || head.includes("<link"))
    throw new Error("the document has no place for its first script");
  return { ...document, text: [head + lines, ...rest].join("<title>") };
}

/** Its name stays: browsers ask whether it changed, and know the old one by it. */
const bundleWorker = async (minify: boolean): Promise<PageFile> => ({
  path: "/push-worker.js",
  type: types.js,
  text: await bundleOne("./push/worker.ts", "iife", minify),
  immutable: false,
});

/** As small as each of them gets. */
function pack(text: string): Packed {
  const bytes = Buffer.from(text);
  return {
    br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).toString("base64"),
    zstd: zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }).toString("base64"),
    gzip: gzipSync(bytes, { level: 9 }).toString("base64"),
  };
}

// Called as a program by the build (see embedded.ts): the files go to standard output.
if (import.meta.main) {
  const files = await bundlePage({ development: false });
  console.log(JSON.stringify(files.map((file) => (file.base64 ? file : { ...file, packed: pack(file.text) }))));
}
