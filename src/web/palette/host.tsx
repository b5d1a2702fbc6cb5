/** What every page of who is signed in has: the palette, the list of shortcuts, and the keys that lead around. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { lazyAbove } from "../lazy.tsx";
import { inboxPath, navigate, settingsPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import { listenForShortcuts, useShortcut } from "./shortcuts.ts";

const words = texts.palette;

const Palette = lazyAbove(async () => (await import("./palette.tsx")).Palette);
const ShortcutList = lazyAbove(async () => (await import("./shortcut-list.tsx")).ShortcutList);

/** Which of the two is open. */
export const paletteShown = signal<"palette" | "shortcuts" | null>(null);

const close = () => {
  paletteShown.value = null;
};

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
}

/** Stands once in the page. */
export function PaletteHost({ client, me }: Props) {
  useEffect(listenForShortcuts, []);
  useEffect(() => Palette.preload(), []);
  const toggle = () => {
    paletteShown.value = paletteShown.peek() === "palette" ? null : "palette";
  };
  useShortcut("Mod+k", words.title, toggle, { inDialog: true });
  useShortcut("?", words.actions.shortcuts, () => {
    paletteShown.value = "shortcuts";
  });
  useShortcut("g p", words.goTo(words.actions.projects), () => navigate("/"));
  useShortcut("g i", words.goTo(words.actions.inbox), () => navigate(inboxPath));
  useShortcut("g s", words.goTo(texts.settings.mine.title), () => navigate(settingsPath()));
  if (paletteShown.value === "palette") return <Palette client={client} me={me} close={close} />;
  return paletteShown.value === "shortcuts" ? <ShortcutList close={close} /> : null;
}
