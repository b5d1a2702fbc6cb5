/** What one hears of, and how: each change is saved at once. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ChosenPreferences, UpdatePreferences } from "../../protocol/notifications.ts";
import { sentence } from "../action.ts";
import { reasonOf } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Problem } from "../ui/field.tsx";
import { ChannelMatrix, categories } from "./channel-matrix.tsx";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";
import { PushSection } from "./push-section.tsx";
import { QuietHours } from "./quiet-hours.tsx";
import { DigestChoice, ReminderChoices } from "./reminder-choices.tsx";

const words = texts.settings.notifications;
const path = "/api/notifications/preferences";

export interface PreferenceProps {
  readonly chosen: ChosenPreferences;
  readonly save: (change: UpdatePreferences) => void;
  /** Why no mail reaches the person; undefined where it does. */
  readonly noMail: string | undefined;
}

export function NotificationsTab({ client, me }: TabProps) {
  const loaded = useLoaded(() => client.rest.request<ChosenPreferences>("GET", path));
  const problem = useSignal<string | undefined>(undefined);
  const saved = useSignal(false);
  /** Those on their way: one after the other, so that the last one holds. */
  const waiting = useRef(0);
  const last = useRef(Promise.resolve());
  const send = async (change: UpdatePreferences): Promise<void> => {
    try {
      const answer = await client.rest.request<ChosenPreferences>("PUT", path, change);
      if (waiting.current === 1) {
        // Nothing more is on its way.
        loaded.set(answer);
        saved.value = true;
      }
      problem.value = undefined;
    } catch (error) {
      problem.value = sentence(reasonOf(error));
      // What was tried does not hold: the page shows what does.
      await loaded.reload();
    } finally {
      waiting.current--;
    }
  };
  const save = (chosen: ChosenPreferences, change: UpdatePreferences) => {
    saved.value = false;
    loaded.set(withChange(chosen, change));
    waiting.current++;
    last.current = last.current.then(() => send(change));
  };
  return (
    <Show loaded={loaded}>
      {(chosen) => {
        const noMail = chosen.available.mail ? undefined : me.email === undefined ? words.noAddress : words.noMail;
        const props = { chosen, save: (change: UpdatePreferences) => save(chosen, change), noMail };
        return (
          <>
            <Problem text={problem.value} />
            <ChannelMatrix {...props} />
            <PushSection client={client} changed={() => void loaded.reload()} />
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

/** As it will be: shown at once. */
function withChange(chosen: ChosenPreferences, change: UpdatePreferences): ChosenPreferences {
  const { channels = chosen.channels } = change;
  const resulting = { ...chosen.resulting };
  for (const category of categories) {
    const { in_app, mail, push } = resulting[category];
    const own = channels[category];
    resulting[category] = { in_app: own?.in_app ?? in_app, mail: own?.mail ?? mail, push: own?.push ?? push };
  }
  const { quiet_hours = chosen.quiet_hours, digest = chosen.digest, reminders = chosen.reminders } = change;
  return { ...chosen, channels, quiet_hours, digest, reminders, resulting };
}
