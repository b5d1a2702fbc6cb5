/** Inbox entries as a mail: text and HTML of the same words, whatever people wrote in them. */
import { html, type Markup } from "../../http/markup.ts";
import type { Notification, NotificationCategory } from "../../protocol/notifications.ts";
import type { Mail } from "./mailer.ts";
import type { Links, Topic } from "./unsubscribe.ts";

export type Entry = Pick<Notification, "id" | "category" | "message" | "count" | "link" | "data">;

export interface Letter {
  readonly userId: string;
  /** The latest first; at least one. */
  readonly entries: readonly Entry[];
  /** How many more there are, which only the inbox shows. */
  readonly more: number;
  /** A digest of everything, not one occasion. */
  readonly digest: boolean;
  /** Names this mail for ever. */
  readonly id: string;
}

export interface Writer {
  readonly links: Links;
  /** Where people reach the server. */
  readonly origin: () => string;
}

type Written = Omit<Mail, "to">;

const subjectMax = 150;

const reasons: Readonly<Record<NotificationCategory, string>> = {
  assigned: "You get this because a task was assigned to you.",
  mentioned: "You get this because you were mentioned.",
  comments: "You get this because you watch the task.",
  status: "You get this because you watch the task.",
  projects: "You get this because you were added to a project.",
  reminders: "You get this because a task of yours is due.",
  messages: "You get this because it was sent to you.",
};

export function writeLetter(letter: Letter, { links, origin }: Writer): Written {
  const [first] = letter.entries;
  if (!first) throw new Error("a letter says something");
  const single = letter.entries.length === 1 && !letter.digest;
  // Without the port, which an id may not hold (RFC 5322, 3.6.4).
  const { hostname: host } = new URL(origin());
  const topic: Topic = letter.digest ? "everything" : first.category;
  const unsubscribeUrl = links.unsubscribeUrl({ userId: letter.userId, topic });
  const task = single ? textIn(first, "task_id") : undefined;
  const parts: Parts = {
    ...letter,
    reason: letter.digest ? "You get this because you asked for a digest." : reasons[first.category],
    urlOf: (entry) => new URL(entry.link ?? "/inbox", origin()).href,
    inboxUrl: new URL("/inbox", origin()).href,
    unsubscribeUrl,
  };
  return {
    subject: subjectOf(letter, single ? first : undefined),
    text: textBody(parts),
    html: htmlBody(parts).html,
    messageId: `${letter.id}@${host}`,
    ...(task !== undefined && { thread: `task.${task}@${host}` }),
    unsubscribeUrl,
  };
}

function subjectOf({ entries, more }: Letter, single: Entry | undefined): string {
  const count = entries.length + more;
  const key = single && textIn(single, "task_key");
  const text = !single
    ? `${count} ${count === 1 ? "notification" : "notifications"}`
    : key === undefined
      ? single.message
      : `${key} ${textIn(single, "task_title") ?? ""}`;
  // A subject is one line: what would end it, and begin another header, is a space.
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return line.length > subjectMax ? `${line.slice(0, subjectMax - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}

/** Of what leads into this server: the data of an application's message is its own, and no task or project of ours. */
function textIn({ data, link }: Entry, field: string): string | undefined {
  const value = link === null ? undefined : data[field];
  return typeof value === "string" ? value : undefined;
}

const times = ({ message, count }: Entry): string => (count === 1 ? message : `${message} (and ${count - 1} before)`);

interface Parts extends Pick<Letter, "entries" | "more"> {
  readonly reason: string;
  readonly urlOf: (entry: Entry) => string;
  readonly inboxUrl: string;
  readonly unsubscribeUrl: string;
}

function textBody({ entries, more, reason, urlOf, inboxUrl, unsubscribeUrl }: Parts): string {
  const lines = entries.flatMap((entry) => {
    const where = textIn(entry, "project_name");
    return [...(where === undefined ? [] : [where]), times(entry), urlOf(entry), ""];
  });
  const rest = more > 0 ? [`${more} more are in your inbox: ${inboxUrl}`, ""] : [];
  return [...lines, ...rest, "-- ", reason, `No more mail of this kind: ${unsubscribeUrl}`].join("\n");
}

function htmlBody({ entries, more, reason, urlOf, inboxUrl, unsubscribeUrl }: Parts): Markup {
  const item = (entry: Entry): Markup => {
    const where = textIn(entry, "project_name");
    return html`<tr><td style="padding:12px 0;border-bottom:1px solid #d8dee4">
${where !== undefined && html`<div style="color:#59636e;font-size:13px">${where}</div>`}
<div style="white-space:pre-wrap">${times(entry)}</div>
<a href="${urlOf(entry)}" style="color:#0969da">${textIn(entry, "task_key") ?? "Open"}</a>
</td></tr>`;
  };
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:16px;font:15px/1.5 system-ui,sans-serif">
<table role="presentation" width="100%" style="max-width:560px;border-collapse:collapse">
${entries.map(item)}
${more > 0 && html`<tr><td style="padding:12px 0"><a href="${inboxUrl}" style="color:#0969da">${more} more in your inbox</a></td></tr>`}
<tr><td style="padding:16px 0;color:#59636e;font-size:13px">${reason}
<a href="${unsubscribeUrl}" style="color:#59636e">No more mail of this kind</a></td></tr>
</table>
</body>
</html>`;
}
