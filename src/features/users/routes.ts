import { Elysia } from "elysia";
import { z } from "zod";
import { answer, type HttpKit, listQuery, readQuery, readWrite, route } from "../../http/kit.ts";
import { Line } from "../../protocol/text.ts";
import { UpdateMe } from "../../protocol/users.ts";
import type { Auth } from "../auth/service.ts";
import { getMe, listUsers, updateMe } from "./service.ts";

const UserQuery = z.strictObject({ ...listQuery, q: Line(200).optional() });

export function userRoutes(kit: HttpKit, auth: Pick<Auth, "forgetUser">): Elysia {
  const app = new Elysia();
  route(app, kit, "/api/me", {
    GET: async ({ ctx }) => answer(200, await getMe(ctx)),
    PATCH: async ({ ctx, request }) =>
      answer(200, await updateMe(ctx, await readWrite(request, UpdateMe), auth.forgetUser)),
  });
  route(app, kit, "/api/users", {
    GET: async ({ ctx, request }) => answer(200, await listUsers(ctx, readQuery(request, UserQuery))),
  });
  return app;
}
