/** The inbox over HTTP, and telling people something. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { inboxEndpoints } from "../../protocol/notifications.ts";
import { sendingEndpoints } from "../../protocol/sending.ts";
import { archive, listInbox, markRead, snooze } from "./inbox.ts";
import { broadcastLive, type MessageDeps, messageSession } from "./messages.ts";
import { getPreferences, type PreferenceDeps, updatePreferences } from "./preferences.ts";
import { type Notifier, sendNotification, sendTrial, startBroadcast } from "./send.ts";

export const inboxRoutes = (deps: PreferenceDeps): Route[] => [
  handle(inboxEndpoints.listNotifications, async ({ ctx, request, query }) =>
    answerLarge(request, await listInbox(ctx, query)),
  ),
  handle(inboxEndpoints.readNotifications, async ({ ctx, body }) => answer(200, await markRead(ctx, body))),
  handle(inboxEndpoints.snoozeNotification, async ({ ctx, params, body }) =>
    answer(200, await snooze(ctx, params.id, body)),
  ),
  handle(inboxEndpoints.archiveNotification, async ({ ctx, params, body }) =>
    answer(200, await archive(ctx, params.id, body)),
  ),
  handle(inboxEndpoints.getPreferences, async ({ ctx, query }) =>
    answer(200, await getPreferences(ctx, deps.available, query.project_id)),
  ),
  handle(inboxEndpoints.updatePreferences, async ({ ctx, query, body }) =>
    answer(200, await updatePreferences(ctx, deps, query.project_id, body)),
  ),
];

export const sendingRoutes = (deps: Notifier & MessageDeps): Route[] => [
  handle(sendingEndpoints.sendNotification, async ({ ctx, body }) =>
    answer(200, await sendNotification(ctx, deps, body)),
  ),
  handle(sendingEndpoints.broadcastNotification, async ({ ctx, body }) =>
    answer(200, await (body.persist ? startBroadcast(ctx, deps, body) : broadcastLive(ctx, body, deps))),
  ),
  handle(sendingEndpoints.messageSession, async ({ ctx, params, body }) => {
    await messageSession(ctx, params.session_id, body, deps);
    return noContent();
  }),
  handle(sendingEndpoints.testNotification, async ({ ctx, params, body }) =>
    answer(200, await sendTrial(ctx, deps, params.user_id, body)),
  ),
];
