/** Projects, their members, snapshots and logs over HTTP. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { memberEndpoints, projectEndpoints } from "../../protocol/projects.ts";
import { snapshotEndpoints } from "../../protocol/snapshot.ts";
import { readEvents } from "./history.ts";
import { addMember, listMembers, removeMember, updateMember } from "./members.ts";
import { createProject, deleteProject, getProject, listProjects, updateProject } from "./service.ts";
import { readSnapshot } from "./snapshot.ts";

export const projectRoutes = (): Route[] => [
  handle(projectEndpoints.listProjects, async ({ ctx, request, query }) =>
    answerLarge(request, await listProjects(ctx, query)),
  ),
  handle(projectEndpoints.createProject, async ({ ctx, body }) => {
    const project = await createProject(ctx, body);
    return answer(201, project, { location: `/api/projects/${project.id}` });
  }),
  handle(projectEndpoints.getProject, async ({ ctx, params }) => answer(200, await getProject(ctx, params.id))),
  handle(projectEndpoints.updateProject, async ({ ctx, params, body }) =>
    answer(200, await updateProject(ctx, params.id, body)),
  ),
  handle(projectEndpoints.deleteProject, async ({ ctx, params, body }) => {
    await deleteProject(ctx, params.id, body);
    return noContent();
  }),
  handle(snapshotEndpoints.readSnapshot, async ({ ctx, request, params, query }) =>
    answerLarge(request, await readSnapshot(ctx, params.id, query.cursor)),
  ),
  handle(snapshotEndpoints.readEvents, async ({ ctx, request, params, query }) =>
    answerLarge(request, await readEvents(ctx, params.id, query.since, query.limit)),
  ),
];

export const memberRoutes = (): Route[] => [
  handle(memberEndpoints.listMembers, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listMembers(ctx, params.id, query)),
  ),
  handle(memberEndpoints.addMember, async ({ ctx, params, body }) => {
    const member = await addMember(ctx, params.id, body);
    return answer(201, member, { location: `/api/projects/${params.id}/members/${member.user_id}` });
  }),
  handle(memberEndpoints.updateMember, async ({ ctx, params, body }) =>
    answer(200, await updateMember(ctx, params.id, params.user_id, body)),
  ),
  handle(memberEndpoints.removeMember, async ({ ctx, params, body }) => {
    await removeMember(ctx, params.id, params.user_id, body);
    return noContent();
  }),
];
