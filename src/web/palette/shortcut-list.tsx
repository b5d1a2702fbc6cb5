/** All shortcuts that work where one is. */
import { texts } from "../texts/index.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Checkbox } from "../ui/field.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { letterKeys, listedKeys, type Shortcut, setLetterKeys, shortcuts } from "./shortcuts.ts";

const words = texts.palette.shortcuts;

type Listed = Pick<Shortcut, "group" | "text" | "keys">;

/** Several keys that do the same stand in one line. */
function lines(all: readonly Listed[]): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const groups = new Map<string, Map<string, string[]>>();
  for (const { group = words.general, text, keys } of all) {
    const own = groups.get(group) ?? new Map<string, string[]>();
    own.set(text, [...(own.get(text) ?? []), keys]);
    groups.set(group, own);
  }
  return groups;
}

export function ShortcutList({ close }: { readonly close: () => void }) {
  return (
    <Dialog title={words.title} close={close} closeLabel={texts.common.close} size="large">
      <div class="shortcut-groups">
        {[...lines([...shortcuts.value, ...listedKeys.value])].map(([group, own]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl class="shortcuts">
              {[...own].map(([text, keys]) => (
                <div key={text}>
                  <dt>{text}</dt>
                  <dd>
                    {keys.map((one) => (
                      <Kbd key={one} keys={one} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Checkbox
        label={words.letters}
        hint={words.lettersHint}
        isSwitch
        checked={letterKeys.value}
        onChange={(event) => setLetterKeys(event.currentTarget.checked)}
      />
    </Dialog>
  );
}
