/** Which kind of thing goes to which channel. */
import type { ChosenPreferences, NotificationCategory } from "../../protocol/notifications.ts";
import { texts } from "../texts/index.ts";
import type { PreferenceProps } from "./notifications-tab.tsx";

const words = texts.settings.notifications;
const channels = ["in_app", "mail", "push"] as const;
type Channel = (typeof channels)[number];
export const categories: readonly NotificationCategory[] = [
  "assigned",
  "mentioned",
  "comments",
  "status",
  "projects",
  "reminders",
  "messages",
];

/** Push can be chosen before a browser is there for it. */
const possible = ({ available }: ChosenPreferences, channel: Channel): boolean => channel !== "mail" || available.mail;

export function ChannelMatrix({ chosen, save, noMail }: PreferenceProps) {
  const toggle = (category: NotificationCategory, channel: Channel, on: boolean) => {
    const own = { ...chosen.channels[category], [channel]: on };
    save({ channels: { ...chosen.channels, [category]: own } });
  };
  return (
    <section class="section">
      <h2 id="matrix-title">{words.title}</h2>
      <table class="matrix" aria-labelledby="matrix-title">
        <thead>
          <tr>
            <th scope="col">{words.category}</th>
            {channels.map((channel) => (
              <th key={channel} scope="col">
                {words.channels[channel]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {categories.map((category) => (
            <tr key={category}>
              <th scope="row">
                {words.categories[category].name}
                <small class="quiet">{words.categories[category].hint}</small>
              </th>
              {channels.map((channel) => (
                <td key={channel}>
                  <input
                    type="checkbox"
                    aria-label={words.on(words.categories[category].name, words.channels[channel])}
                    checked={chosen.resulting[category][channel]}
                    disabled={!possible(chosen, channel)}
                    onChange={(event) => toggle(category, channel, event.currentTarget.checked)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {noMail !== undefined && <p class="quiet">{noMail}</p>}
      {!chosen.available.push && <p class="quiet">{words.noPush}</p>}
    </section>
  );
}
