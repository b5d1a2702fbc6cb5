/** Turns the page's sources into the files that browsers get. Runs in development and at build time only. */

/** A file of the page, as text: all of them are. */
export interface PageFile {
  /** With a leading slash. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
  /** Its name holds a hash of its content. */
  readonly immutable: boolean;
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

/** Bundles and minifies. `minify: false` keeps names and lines for reading. Throws AggregateError with what the bundler says. */
export async function bundlePage({ minify }: { readonly minify: boolean }): Promise<PageFile[]> {
  const { outputs } = await Bun.build({
    entrypoints: [Bun.fileURLToPath(new URL("./index.html", import.meta.url))],
    target: "browser",
    minify,
    publicPath: "/",
    naming: { entry: "[name].[ext]", chunk: "assets/[name]-[hash].[ext]", asset: "assets/[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
  });
  return Promise.all(
    outputs.map(async (output) => {
      const path = output.path.replace(/^\.?\//, "/");
      return { path, type: typeOf(path), text: await output.text(), immutable: path.startsWith("/assets/") };
    }),
  );
}

// Called as a program by the build (see embedded.ts): the files go to standard output.
if (import.meta.main) console.log(JSON.stringify(await bundlePage({ minify: true })));
