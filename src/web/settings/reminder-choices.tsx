/** When mail comes, and when one is reminded of what is due. */
import { texts } from "../texts/index.ts";
import { Checkbox } from "../ui/field.tsx";
import type { PreferenceProps } from "./notifications-tab.tsx";

const words = texts.settings.notifications;
const digests = ["off", "daily", "weekly"] as const;
/** Minutes before a task is due. */
const usual = [0, 15, 60, 240, 1_440, 2_880, 10_080];

export function DigestChoice({ chosen, save, noMail }: PreferenceProps) {
  return (
    <fieldset class="section choices">
      <legend>{words.digest}</legend>
      {digests.map((digest) => (
        <label key={digest} class="radio">
          <input
            type="radio"
            name="digest"
            checked={chosen.digest === digest}
            disabled={!chosen.available.mail}
            onChange={() => save({ digest })}
          />
          {words.digests[digest]}
        </label>
      ))}
      {noMail !== undefined && <p class="quiet">{noMail}</p>}
    </fieldset>
  );
}

/** Also those of their own that a program set. */
export function ReminderChoices({ chosen: { reminders }, save }: PreferenceProps) {
  const { offsets_minutes: offsets, overdue } = reminders;
  const all = [...new Set([...usual, ...offsets])].sort((one, other) => one - other);
  const toggle = (minutes: number, on: boolean) => {
    const next = on ? [...offsets, minutes] : offsets.filter((other) => other !== minutes);
    save({ reminders: { offsets_minutes: next, overdue } });
  };
  return (
    <fieldset class="section choices">
      <legend>{words.reminders}</legend>
      {all.map((minutes) => (
        <Checkbox
          key={minutes}
          label={words.offset(minutes)}
          checked={offsets.includes(minutes)}
          onChange={(event) => toggle(minutes, event.currentTarget.checked)}
        />
      ))}
      <Checkbox
        label={words.overdue}
        checked={overdue}
        onChange={(event) => save({ reminders: { offsets_minutes: offsets, overdue: event.currentTarget.checked } })}
      />
    </fieldset>
  );
}
