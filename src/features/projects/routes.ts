/** Projects, their members, snapshots and logs over HTTP. */
import type { Elysia } from "elysia";
import { z } from "zod";
import {
  answer,
  answerLarge,
  type HttpKit,
  listQuery,
  noContent,
  pathId,
  QueryInt,
  readDelete,
  readQuery,
  readWrite,
  route,
} from "../../http/kit.ts";
import { AddMember, CreateProject, UpdateMember, UpdateProject } from "../../protocol/projects.ts";
import { readEvents } from "./history.ts";
import { addMember, listMembers, removeMember, updateMember } from "./members.ts";
import { createProject, deleteProject, getProject, listProjects, updateProject } from "./service.ts";
import { readSnapshot } from "./snapshot.ts";

const ListQuery = z.strictObject(listQuery);
const SnapshotQuery = z.strictObject({ cursor: listQuery.cursor });
const EventsQuery = z.strictObject({
  since: QueryInt(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: QueryInt(1, 500).default(200),
});

export function projectRoutes(app: Elysia, kit: HttpKit): void {
  route(app, kit, "/api/projects", {
    GET: async ({ ctx, request }) => answerLarge(request, await listProjects(ctx, readQuery(request, ListQuery))),
    POST: async ({ ctx, request }) => {
      const project = await createProject(ctx, await readWrite(request, CreateProject));
      return answer(201, project, { location: `/api/projects/${project.id}` });
    },
  });
  route(app, kit, "/api/projects/:id", {
    GET: async (call) => answer(200, await getProject(call.ctx, pathId(call, "id"))),
    PATCH: async (call) => {
      const id = pathId(call, "id");
      return answer(200, await updateProject(call.ctx, id, await readWrite(call.request, UpdateProject)));
    },
    DELETE: async (call) => {
      await deleteProject(call.ctx, pathId(call, "id"), await readDelete(call.request));
      return noContent();
    },
  });
  route(app, kit, "/api/projects/:id/snapshot", {
    GET: async (call) => {
      const { cursor } = readQuery(call.request, SnapshotQuery);
      return answerLarge(call.request, await readSnapshot(call.ctx, pathId(call, "id"), cursor));
    },
  });
  route(app, kit, "/api/projects/:id/events", {
    GET: async (call) => {
      const { since, limit } = readQuery(call.request, EventsQuery);
      return answerLarge(call.request, await readEvents(call.ctx, pathId(call, "id"), since, limit));
    },
  });
  memberRoutes(app, kit);
}

function memberRoutes(app: Elysia, kit: HttpKit): void {
  route(app, kit, "/api/projects/:id/members", {
    GET: async (call) =>
      answerLarge(call.request, await listMembers(call.ctx, pathId(call, "id"), readQuery(call.request, ListQuery))),
    POST: async (call) => {
      const id = pathId(call, "id");
      const member = await addMember(call.ctx, id, await readWrite(call.request, AddMember));
      return answer(201, member, { location: `/api/projects/${id}/members/${member.user_id}` });
    },
  });
  route(app, kit, "/api/projects/:id/members/:user_id", {
    PATCH: async (call) => {
      const id = pathId(call, "id");
      const userId = pathId(call, "user_id");
      return answer(200, await updateMember(call.ctx, id, userId, await readWrite(call.request, UpdateMember)));
    },
    DELETE: async (call) => {
      await removeMember(call.ctx, pathId(call, "id"), pathId(call, "user_id"), await readDelete(call.request));
      return noContent();
    },
  });
}
