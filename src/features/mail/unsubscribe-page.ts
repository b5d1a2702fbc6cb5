/** The page behind a mail's link: it asks first, for programs follow the links of mails too. No script, no signing in. */
import type { Store } from "../../db/context.ts";
import { html, type Markup } from "../../http/markup.ts";
import { AppError } from "../../protocol/errors.ts";
import { type Links, type Topic, unsubscribe } from "./unsubscribe.ts";

const names: Readonly<Record<Topic, string>> = {
  assigned: "tasks that are assigned to you",
  mentioned: "texts that mention you",
  comments: "comments",
  status: "tasks that change their status",
  projects: "projects you are added to",
  reminders: "tasks that are due",
  messages: "messages to you",
  everything: "anything",
};

export interface UnsubscribeDeps {
  readonly store: Store;
  readonly links: Links;
}

/** Asks (GET), or does it (POST, as mailboxes do by themselves: RFC 8058). Throws `not_found` for a link that is not ours. */
export async function answerUnsubscribe(
  request: Request,
  { store, links }: UnsubscribeDeps,
  requestId: string,
): Promise<Response> {
  const asked = links.read(new URL(request.url));
  if (!asked) throw new AppError("not_found", "this link is not complete; copy all of it from the mail");
  const about = names[asked.topic];
  if (request.method === "GET" || request.method === "HEAD")
    return page(
      "Unsubscribe",
      html`<p>Stop mail about ${about}?</p>
<form method="post"><button>Stop it</button></form>`,
    );
  if (request.method !== "POST")
    throw new AppError("method_not_allowed", `${request.method} is not for this path`, { allow: "GET, HEAD, POST" });
  await unsubscribe(store, asked, requestId);
  return page(
    "Unsubscribed",
    html`<p>You get no more mail about ${about}. Your settings are where to change that.</p>
<p><a href="/">Open Taskwire</a></p>`,
  );
}

const page = (title: string, content: Markup): Response =>
  new Response(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`.html,
    { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } },
  );
