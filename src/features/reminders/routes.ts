/** Reminders over HTTP. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { reminderEndpoints } from "../../protocol/reminders.ts";
import { createReminder, deleteReminder, listReminders } from "./service.ts";

export const reminderRoutes = (): Route[] => [
  handle(reminderEndpoints.listReminders, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listReminders(ctx, params.id, query)),
  ),
  handle(reminderEndpoints.createReminder, async ({ ctx, params, body }) => {
    const reminder = await createReminder(ctx, params.id, body);
    return answer(201, reminder, { location: `/api/tasks/${params.id}/reminders` });
  }),
  handle(reminderEndpoints.deleteReminder, async ({ ctx, params, body }) => {
    await deleteReminder(ctx, params.id, body);
    return noContent();
  }),
];
