/** One entry of the inbox: what happened, when, and what can be done with it. */
import type { Taskwire } from "../../client/index.ts";
import type { Notification, NotificationCategory } from "../../protocol/notifications.ts";
import { notify, watch } from "../notices.ts";
import { follow } from "../route.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Menu, type MenuGroup } from "../ui/menu.tsx";
import { snoozeChoices } from "./snooze.ts";

const words = texts.inbox;

const icons: Record<NotificationCategory, IconName> = {
  assigned: "person",
  mentioned: "comment",
  comments: "comment",
  status: "board",
  projects: "projects",
  reminders: "clock",
  messages: "info",
};

interface Props {
  readonly client: Taskwire;
  readonly entry: Notification;
  /** In the bell's popover there is no room for more than the words. */
  readonly brief?: boolean;
  /** It was followed: the popover closes. */
  readonly followed?: () => void;
}

export function Entry({ client, entry, brief = false, followed }: Props) {
  const { id, category, message, link, count, updated_at, read_at, snoozed_until, archived_at } = entry;
  const unread = read_at === null && archived_at === null;
  const open = (event: MouseEvent & { readonly currentTarget: HTMLAnchorElement }) => {
    if (unread) watch(client.inbox.markRead([id]));
    follow(event);
    followed?.();
  };
  // The server's words: it writes English whatever the page is in.
  const said = <span lang="en">{message}</span>;
  return (
    <li class="entry" data-unread={unread || undefined}>
      <span class="entry-icon">
        <Icon name={icons[category]} />
      </span>
      <div class="entry-words">
        <p class="entry-message">
          {unread && <span class="unseen">{words.isUnread}: </span>}
          {link === null ? (
            said
          ) : (
            <a href={link} onClick={open}>
              {said}
            </a>
          )}{" "}
          {count > 1 && <Badge>{words.times(count)}</Badge>}
        </p>
        <time class="quiet" dateTime={updated_at} title={dateTime(updated_at)}>
          {snoozed_until === null ? ago(updated_at) : words.back(dateTime(snoozed_until))}
        </time>
      </div>
      {!brief && archived_at === null && <Verbs client={client} entry={entry} unread={unread} />}
    </li>
  );
}

function Verbs({ client: { inbox }, entry, unread }: Props & { readonly unread: boolean }) {
  const { id, message } = entry;
  const snooze = (until: Date) => {
    watch(inbox.snooze(id, until));
    notify({ text: words.snoozed(dateTime(until)) });
  };
  const groups: MenuGroup[] = [
    {
      title: words.snooze,
      items: snoozeChoices(new Date()).map(({ text, until }) => ({
        text,
        icon: "clock",
        run: () => snooze(until),
      })),
    },
  ];
  return (
    <div class="entry-verbs">
      <IconButton
        icon={unread ? "check" : "undo"}
        size="small"
        label={unread ? words.markRead : words.markUnread}
        onClick={() => watch(unread ? inbox.markRead([id]) : inbox.markUnread([id]))}
      />
      <IconButton
        icon="archive"
        size="small"
        label={words.archive}
        onClick={() => {
          watch(inbox.archive(id));
          notify({ text: words.archived });
        }}
      />
      <Menu
        label={words.actionsOf(message)}
        align="end"
        groups={groups}
        trigger={(trigger) => <IconButton {...trigger} icon="clock" size="small" label={words.snooze} />}
      />
    </div>
  );
}
