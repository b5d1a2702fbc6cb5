/** Who sits here, and what is theirs: settings, looks, the way out. */
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { confirmWith } from "../confirm.tsx";
import { notify, reasonOf } from "../notices.ts";
import { setTheme, theme } from "../preferences.ts";
import { navigate, settingsPath } from "../route.ts";
import { signOut } from "../session.ts";
import { texts } from "../texts/index.ts";
import type { Theme } from "../theme.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Icon } from "../ui/icon.tsx";
import { Menu, type MenuGroup } from "../ui/menu.tsx";

const words = texts.common;
const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

export function MeMenu({ client, me }: { readonly client: Taskwire; readonly me: Me }) {
  const groups: MenuGroup[] = [
    { items: [{ text: words.settings, icon: "settings", run: () => navigate(settingsPath()) }] },
    {
      title: words.theme,
      items: themes.map((name) => ({
        text: words.themes[name],
        checked: theme.value === name,
        run: () => setTheme(name),
      })),
    },
    { items: [{ text: texts.account.signOut, icon: "sign_out", run: () => void leave(client) }] },
  ];
  return (
    <Menu
      label={words.account}
      groups={groups}
      placement="above"
      header={
        <>
          <p class="me-name">{me.name}</p>
          <p class="quiet">{me.email}</p>
        </>
      }
      trigger={(trigger) => (
        <button type="button" {...trigger} class="me">
          <Avatar person={me} decorative />
          <span class="me-name">{me.name}</span>
          <span class="unseen">{words.account}</span>
          <Icon name="chevron_down" size={12} />
        </button>
      )}
    />
  );
}

/** What waits is lost with the session: that is asked first. */
export async function leave(client: Taskwire): Promise<void> {
  const waiting = client.waiting.value.length;
  const ask = {
    title: texts.account.signOut,
    text: texts.account.unsaved(waiting),
    confirmText: texts.account.signOut,
  };
  if (waiting > 0 && !(await confirmWith({ ...ask, danger: true }))) return;
  try {
    await signOut();
  } catch (error) {
    notify({ text: reasonOf(error), tone: "problem" });
  }
}
