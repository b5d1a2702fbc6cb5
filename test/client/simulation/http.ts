/** The simulated server over HTTP: what the SDK reads and writes there. */
import type { Log } from "./log.ts";

const problem = (status: number, code: string, current?: unknown): Response =>
  Response.json({ code, current }, { status });
const page = (items: readonly unknown[]): Response => Response.json({ items, next_cursor: null });

export function answerHttp(log: Log, user: string, url: string, init: RequestInit): Response {
  const { pathname } = new URL(url);
  const [, , kind, id = "", part] = pathname.split("/");
  if (init.method === "GET") return read(log, kind, id, part) ?? problem(404, "not_found");
  const body = typeof init.body === "string" ? JSON.parse(init.body) : {};
  const name = writeOf(kind, part);
  const ids = { comments: { comment_id: id }, checklist: { item_id: id }, tasks: { task_id: id } }[kind ?? ""];
  const outcome = log.write(name, { ...body, ...ids }, user);
  if ("data" in outcome) return Response.json(outcome.data);
  return problem(outcome.error.code === "conflict" ? 409 : 404, outcome.error.code, outcome.error.current);
}

function writeOf(kind: string | undefined, part: string | undefined): string {
  if (kind === "comments") return "comment_update";
  if (kind === "checklist") return "checklist_update";
  if (kind === "tasks" && part === "checklist") return "checklist_add";
  throw new Error(`the simulation has no write to ${kind}/${part}`);
}

function read(log: Log, kind: string | undefined, id: string, part: string | undefined): Response | undefined {
  if (kind === "me") return Response.json({});
  if (kind === "projects") return Response.json(snapshot(log));
  if (kind !== "tasks" || !log.tasks.has(id)) return undefined;
  if (part === "comments") return page(log.commentsOf(id).toReversed());
  if (part === "checklist") return page(log.checklistOf(id));
  if (part === undefined) return Response.json(log.tasks.get(id));
  return page([]);
}

const columns = ["todo", "review", "completed"].map((status) => ({
  id: status,
  status,
  name: status,
  position: status,
}));

const snapshot = ({ tasks, state, head, countsOf }: Log) => ({
  counts: Object.fromEntries([...tasks.keys()].map((id) => [id, countsOf(id)])),
  epoch: state.epoch,
  seq: head(),
  project: { id: "p", key: "P", name: "P", description: "", archived_at: null, created_at: "", role: "owner" },
  columns,
  labels: [],
  members: [],
  tasks: [...tasks.values()],
  next_cursor: null,
});
