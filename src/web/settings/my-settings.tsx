/** One's own settings. */
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { type SettingsTab, settingsPath, settingsTabs } from "../route.ts";
import { texts } from "../texts/index.ts";
import { TabLinks } from "../ui/tabs.tsx";
import { PageHead } from "../views/page-head.tsx";
import { AppearanceTab } from "./appearance-tab.tsx";
import { KeysTab } from "./keys-tab.tsx";
import { NotificationsTab } from "./notifications-tab.tsx";
import { ProfileTab } from "./profile-tab.tsx";
import { SessionsTab } from "./sessions-tab.tsx";

const words = texts.settings.mine;

export interface TabProps {
  readonly client: Taskwire;
  readonly me: Me;
}

const views = {
  profile: ProfileTab,
  sessions: SessionsTab,
  "api-keys": KeysTab,
  notifications: NotificationsTab,
  appearance: AppearanceTab,
} satisfies Record<SettingsTab, unknown>;

export function MySettings({ client, me, tab }: TabProps & { readonly tab: SettingsTab }) {
  const Tab = views[tab];
  return (
    <>
      <PageHead title={words.title} />
      <main class="settings" id="content" tabIndex={-1}>
        <TabLinks
          label={words.title}
          selected={tab}
          links={settingsTabs.map((id) => ({ id, text: words.tabs[id], href: settingsPath(id) }))}
        />
        <Tab client={client} me={me} />
      </main>
    </>
  );
}
