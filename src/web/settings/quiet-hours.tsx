/** Hours without mail and push. */
import { texts } from "../texts/index.ts";
import { Checkbox } from "../ui/field.tsx";
import type { PreferenceProps } from "./notifications-tab.tsx";

const words = texts.settings.notifications;
const usual = { from: "22:00", to: "07:00" };

export function QuietHours({ chosen: { quiet_hours: hours }, save }: PreferenceProps) {
  const change = (part: "from" | "to", time: string) => {
    if (hours && /^\d\d:\d\d$/.test(time)) save({ quiet_hours: { ...hours, [part]: time } });
  };
  return (
    <section class="section stack">
      <h2>{words.quiet}</h2>
      <Checkbox
        label={words.quietOn}
        hint={words.quietHint}
        isSwitch
        checked={hours !== null}
        onChange={(event) => save({ quiet_hours: event.currentTarget.checked ? usual : null })}
      />
      {hours && (
        <div class="hours">
          {(["from", "to"] as const).map((part) => (
            <label key={part}>
              {words[part]}
              <input
                class="input"
                type="time"
                value={hours[part]}
                onChange={(event) => change(part, event.currentTarget.value)}
              />
            </label>
          ))}
        </div>
      )}
    </section>
  );
}
