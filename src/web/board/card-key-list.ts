/** What card-keys.ts handles, in words for the list of shortcuts. */
import type { ListedKeys } from "../palette/shortcuts.ts";
import { texts } from "../texts/index.ts";

const words = texts.board.cardKeys;
const key = (keys: string, text: string): ListedKeys => ({ group: words.title, keys, text });

export const readersKeys: readonly ListedKeys[] = [
  key("ArrowUp ArrowDown ArrowLeft ArrowRight", words.go),
  key("Home End", words.ends),
  key("Enter", words.open),
];

export const writersKeys: readonly ListedKeys[] = [
  ...readersKeys,
  key("Space", words.carry),
  key("e", words.rename),
  key("Delete", words.remove),
];
