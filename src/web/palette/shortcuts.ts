/** Every keyboard shortcut of the page: views register theirs, one listener runs them, `?` lists them. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { readStored, store } from "../stored.ts";

export interface Shortcut {
  /**
   * What is pressed: `c`, `?`, `Escape`, `Shift+ArrowUp`, `Mod+k` (⌘ on Apple's machines, Ctrl elsewhere), or one key
   * after another: `g i`.
   */
  readonly keys: string;
  /** What it does, as the list shows it. */
  readonly text: string;
  readonly run: (event: KeyboardEvent) => void;
  /** Heading in the list; absent: the general ones. */
  readonly group?: string;
  /** Also while a modal dialog is open: for what stands inside of one. */
  readonly inDialog?: boolean;
}

const registered = signal<readonly Shortcut[]>([]);

/** In the order in which they came; of several with the same keys the last one counts. */
export const shortcuts: ReadonlySignal<readonly Shortcut[]> = computed(() => {
  const byKeys = new Map<string, Shortcut>();
  for (const shortcut of registered.value) byKeys.set(shortcut.keys, shortcut);
  return [...byKeys.values()];
});

/** Keys without a modifier get in the way of some (speech input): they can be turned off. */
const letterKeysName = "taskwire:letter-keys";
export const letterKeys = signal(readStored(letterKeysName) !== "off");

export function setLetterKeys(on: boolean): void {
  letterKeys.value = on;
  store(letterKeysName, on ? "on" : "off");
}

/** Registers; answers what takes it back. Views use `useShortcut`. */
function addShortcut(shortcut: Shortcut): () => void {
  registered.value = [...registered.peek(), shortcut];
  return () => {
    registered.value = registered.peek().filter((other) => other !== shortcut);
  };
}

/** A shortcut for as long as the component is shown. `run` may be another function each time. */
export function useShortcut(
  keys: string,
  text: string,
  run: (event: KeyboardEvent) => void,
  { group, inDialog = false }: { readonly group?: string; readonly inDialog?: boolean } = {},
): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(
    () =>
      addShortcut({
        keys,
        text,
        inDialog,
        run: (event) => latest.current(event),
        ...(group !== undefined && { group }),
      }),
    [keys, text, group, inDialog],
  );
}

/** Keys that a part of the page handles by itself while it has the focus: the list names them too. */
export interface ListedKeys extends Pick<Shortcut, "keys" | "text"> {
  readonly group: string;
}

const listed = signal<readonly ListedKeys[]>([]);
export const listedKeys: ReadonlySignal<readonly ListedKeys[]> = listed;

/** In the list for as long as the component is shown. `keys`: the same array each time. */
export function useListedKeys(keys: readonly ListedKeys[]): void {
  useEffect(() => {
    listed.value = [...listed.peek(), ...keys];
    return () => {
      listed.value = listed.peek().filter((one) => !keys.includes(one));
    };
  }, [keys]);
}

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Time for the second key of `g i`. */
const sequenceMs = 1500;
let begun: { readonly key: string; readonly at: number } | undefined;

/** Starts listening. Answers the end of it. */
export function listenForShortcuts(): () => void {
  const listen = new AbortController();
  document.addEventListener("keydown", press, { signal: listen.signal });
  return () => listen.abort();
}

function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const key = nameOf(event);
  if (key === undefined) return;
  const plain = !(event.ctrlKey || event.metaKey || event.altKey);
  if (plain && (!letterKeys.peek() || isTyping(event.target))) return;
  const sequence = begun && event.timeStamp - begun.at < sequenceMs ? `${begun.key} ${key}` : undefined;
  const modal = document.querySelector("dialog:modal") !== null;
  const usable = shortcuts.peek().filter((shortcut) => shortcut.inDialog === true || !modal);
  const found = usable.find(({ keys }) => keys === sequence) ?? usable.find(({ keys }) => keys === key);
  const begins = found === undefined && usable.some(({ keys }) => keys.startsWith(`${key} `));
  begun = begins ? { key, at: event.timeStamp } : undefined;
  if (!found) return;
  event.preventDefault();
  found.run(event);
}

/** As `keys` writes it; undefined for a modifier alone. A sign made with Shift (`?`) is named by the sign. */
function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | undefined {
  if (["Control", "Meta", "Alt", "Shift"].includes(key)) return undefined;
  const main = isApple ? metaKey : ctrlKey;
  const other = isApple ? ctrlKey : metaKey;
  const letter = key.length === 1;
  const shifted = shiftKey && (!letter || key.toLowerCase() !== key.toUpperCase());
  const parts = [main && "Mod", other && (isApple ? "Ctrl" : "Meta"), altKey && "Alt", shifted && "Shift"];
  return [...parts.filter((part) => part !== false), letter ? key.toLowerCase() : key].join("+");
}

/** Does the key belong to what has the focus? */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}
