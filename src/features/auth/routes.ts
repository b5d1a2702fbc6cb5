/** Tokens over HTTP. The paths under /api/auth are in handler.ts. */
import { answer, handle, type Route } from "../../http/kit.ts";
import { AppError } from "../../protocol/errors.ts";
import { userEndpoints } from "../../protocol/users.ts";
import type { Auth } from "./service.ts";

export const authRoutes = (auth: Pick<Auth, "issueToken">): Route[] => [
  handle(userEndpoints.createToken, async ({ ctx, request }) => {
    // Else a token that was stolen once would renew itself for as long as its session lives.
    if (ctx.actor.kind === "user" && request.headers.has("authorization"))
      throw new AppError("forbidden", "a token is not made from a token; call with the session cookie");
    return answer(200, await auth.issueToken(ctx.actor), { "cache-control": "no-store" });
  }),
];
