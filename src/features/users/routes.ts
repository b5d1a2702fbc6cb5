/** People over HTTP. */
import { answer, handle, type Route } from "../../http/kit.ts";
import { userEndpoints } from "../../protocol/users.ts";
import type { Auth } from "../auth/service.ts";
import { getMe, listUsers, updateMe } from "./service.ts";

export const userRoutes = (auth: Pick<Auth, "forgetUser">): Route[] => [
  handle(userEndpoints.getMe, async ({ ctx }) => answer(200, await getMe(ctx))),
  handle(userEndpoints.updateMe, async ({ ctx, body }) => answer(200, await updateMe(ctx, body, auth.forgetUser))),
  handle(userEndpoints.listUsers, async ({ ctx, query }) => answer(200, await listUsers(ctx, query))),
];
