/** What one hears of, and how: each change is saved at once. */
import { useSignal } from "@preact/signals";
import type { ChosenPreferences, UpdatePreferences } from "../../protocol/notifications.ts";
import { sentence } from "../action.ts";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Problem } from "../ui/field.tsx";
import { ChannelMatrix } from "./channel-matrix.tsx";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";
import { QuietHours } from "./quiet-hours.tsx";
import { DigestChoice, ReminderChoices } from "./reminder-choices.tsx";

const path = "/api/notifications/preferences";

export interface PreferenceProps {
  readonly chosen: ChosenPreferences;
  readonly save: (change: UpdatePreferences) => void;
}

export function NotificationsTab({ client }: TabProps) {
  const loaded = useLoaded(() => client.rest.request<ChosenPreferences>("GET", path));
  const problem = useSignal<string | undefined>(undefined);
  const saved = useSignal(false);
  const save = async (change: UpdatePreferences) => {
    saved.value = false;
    try {
      loaded.set(await client.rest.request<ChosenPreferences>("PUT", path, change));
      problem.value = undefined;
      saved.value = true;
    } catch (error) {
      problem.value = sentence(reasonOf(error));
      // What was tried does not hold: the page shows what does.
      await loaded.reload();
    }
  };
  return (
    <Show loaded={loaded}>
      {(chosen) => {
        const props = { chosen, save: (change: UpdatePreferences) => void save(change) };
        return (
          <>
            <Problem text={problem.value} />
            <ChannelMatrix {...props} />
            <QuietHours {...props} />
            <DigestChoice {...props} />
            <ReminderChoices {...props} />
            <p class="quiet saved-note" role="status">
              {saved.value ? texts.settings.saved : ""}
            </p>
          </>
        );
      }}
    </Show>
  );
}
