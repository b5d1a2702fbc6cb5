/** Tokens and API keys over HTTP. The paths under /api/auth are in handler.ts. */
import type { Clock } from "../../core/clock.ts";
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { apiKeyEndpoints } from "../../protocol/api-keys.ts";
import { AppError } from "../../protocol/errors.ts";
import { userRoom } from "../../protocol/rooms.ts";
import { userEndpoints } from "../../protocol/users.ts";
import { createKey, deleteKey, listKeys } from "./keys.ts";
import type { Auth } from "./service.ts";

const noStore = { "cache-control": "no-store" };

export const authRoutes = (auth: Pick<Auth, "issueToken">): Route[] => [
  handle(userEndpoints.createToken, async ({ ctx, request }) => {
    // Else a token that was stolen once would renew itself for as long as its session lives.
    const authorization = request.headers.get("authorization");
    if (authorization !== null && !/^bearer +tw_/i.test(authorization))
      throw new AppError("forbidden", "a token is not made from a token; call with the session cookie or an API key");
    return answer(200, await auth.issueToken(ctx.actor), noStore);
  }),
];

export const keyRoutes = ({ forgetUser, clock }: Pick<Auth, "forgetUser"> & { readonly clock: Clock }): Route[] => [
  handle(apiKeyEndpoints.listApiKeys, async ({ ctx, request, query }) =>
    answerLarge(request, await listKeys(ctx, ctx.actor.id, query)),
  ),
  handle(apiKeyEndpoints.createApiKey, async ({ ctx, body }) => {
    const key = await createKey(ctx, ctx.actor.id, body, clock.now());
    return answer(201, key, { location: `/api/api-keys/${key.id}`, ...noStore });
  }),
  handle(apiKeyEndpoints.deleteApiKey, async ({ ctx, params, body }) => {
    const seq = await deleteKey(ctx, ctx.actor.id, params.id, body);
    forgetUser(ctx.actor.id);
    // Its connections here are closed before the answer.
    await ctx.live.relay.reach(userRoom(ctx.actor.id), seq);
    return noContent();
  }),
];
