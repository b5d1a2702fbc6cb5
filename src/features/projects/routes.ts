/** Projects, their columns, labels and members, snapshots and logs over HTTP. */
import { answer, answerLarge, handle, noContent, type Route } from "../../http/kit.ts";
import { columnEndpoints } from "../../protocol/columns.ts";
import { labelEndpoints } from "../../protocol/labels.ts";
import { memberEndpoints, projectEndpoints } from "../../protocol/projects.ts";
import { snapshotEndpoints } from "../../protocol/snapshot.ts";
import { createColumn, deleteColumn, listColumns, updateColumn } from "./columns.ts";
import { readEvents } from "./history.ts";
import { createLabel, deleteLabel, listLabels, updateLabel } from "./labels.ts";
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
  ...columnRoutes(),
  ...labelRoutes(),
];

const columnRoutes = (): Route[] => [
  handle(columnEndpoints.listColumns, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listColumns(ctx, params.id, query)),
  ),
  handle(columnEndpoints.createColumn, async ({ ctx, params, body }) => {
    const column = await createColumn(ctx, params.id, body);
    return answer(201, column, { location: `/api/projects/${params.id}/columns/${column.id}` });
  }),
  handle(columnEndpoints.updateColumn, async ({ ctx, params, body }) =>
    answer(200, await updateColumn(ctx, params.id, params.column_id, body)),
  ),
  handle(columnEndpoints.deleteColumn, async ({ ctx, params, query, body }) => {
    await deleteColumn(ctx, params.id, params.column_id, { ...query, ...body });
    return noContent();
  }),
];

const labelRoutes = (): Route[] => [
  handle(labelEndpoints.listLabels, async ({ ctx, request, params, query }) =>
    answerLarge(request, await listLabels(ctx, params.id, query)),
  ),
  handle(labelEndpoints.createLabel, async ({ ctx, params, body }) => {
    const label = await createLabel(ctx, params.id, body);
    return answer(201, label, { location: `/api/projects/${params.id}/labels/${label.id}` });
  }),
  handle(labelEndpoints.updateLabel, async ({ ctx, params, body }) =>
    answer(200, await updateLabel(ctx, params.id, params.label_id, body)),
  ),
  handle(labelEndpoints.deleteLabel, async ({ ctx, params, body }) => {
    await deleteLabel(ctx, params.id, params.label_id, body);
    return noContent();
  }),
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
