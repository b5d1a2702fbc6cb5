/** What lets people put the page on a home screen, where it opens in a window of its own and a phone can push to it. */
import type { PageFile } from "./bundle.ts";

/** Drawn from icon.svg; `maskable`: the machine cuts its own shape out of it. */
const icons = [
  { name: "icon-192", size: 192, purpose: "any" },
  { name: "icon-512", size: 512, purpose: "any" },
  { name: "icon-maskable-512", size: 512, purpose: "maskable" },
] as const;

/** What is the same in every browser; colours as in tokens.css, light: what is shown before the page is. */
const fixed = {
  id: "/",
  name: "Taskwire",
  short_name: "Taskwire",
  description: "Tasks that everyone sees at once",
  start_url: "/",
  scope: "/",
  display: "standalone",
  background_color: "#f7f8fa",
  theme_color: "#eef0f4",
  shortcuts: [{ name: "Inbox", url: "/inbox" }],
} as const;

/** The manifest and its icons, and the lines of the document's head that name them. Throws where an icon is missing. */
export async function bundleInstall(): Promise<{ readonly files: readonly PageFile[]; readonly head: string }> {
  const drawn = await Promise.all(icons.map(async (icon) => ({ ...icon, file: await readIcon(icon.name) })));
  const manifest = {
    ...fixed,
    icons: drawn.map(({ file, size, purpose }) => ({
      src: file.path,
      sizes: `${size}x${size}`,
      type: file.type,
      purpose,
    })),
  };
  const text = JSON.stringify(manifest);
  const named: PageFile = {
    path: `/assets/manifest-${hashOf(text)}.webmanifest`,
    type: "application/manifest+json",
    text,
    immutable: true,
  };
  // iPhones take their icon from the document.
  const apple = await readIcon("apple-touch-icon");
  const head = `<link rel="manifest" href="${named.path}"><link rel="apple-touch-icon" href="${apple.path}">`;
  return { files: [named, apple, ...drawn.map(({ file }) => file)], head };
}

async function readIcon(name: string): Promise<PageFile> {
  const bytes = await Bun.file(new URL(`./icons/${name}.png`, import.meta.url)).bytes();
  const path = `/assets/${name}-${hashOf(bytes)}.png`;
  return { path, type: "image/png", text: bytes.toBase64(), base64: true, immutable: true };
}

const hashOf = (content: string | Uint8Array): string => Bun.hash.xxHash64(content).toString(36);
