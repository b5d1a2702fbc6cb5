import { Elysia } from "elysia";
import { answer, type HttpKit, route } from "../../http/kit.ts";
import { AppError } from "../../protocol/errors.ts";
import { authBasePath } from "./handler.ts";
import type { Auth } from "./service.ts";

export function authRoutes(kit: HttpKit, auth: Pick<Auth, "handler" | "issueToken">): Elysia {
  const app = new Elysia();
  app.all(`${authBasePath}/*`, ({ request }) => auth.handler(request), { parse: "none" });
  route(app, kit, "/api/token", {
    async POST({ ctx, request }) {
      // Else a token that was stolen once would renew itself for as long as its session lives.
      if (ctx.actor.kind === "user" && request.headers.has("authorization"))
        throw new AppError("forbidden", "a token is not made from a token; call with the session cookie");
      return answer(200, await auth.issueToken(ctx.actor), { "cache-control": "no-store" });
    },
  });
  return app;
}
