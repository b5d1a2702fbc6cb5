/** What the fields of the wire hold in examples. A field that is not here gets any value its schema takes. */

const uuid = (last: string): string => `01a1fc22-a9a6-7123-9a43-${last.padStart(12, "0")}`;

/** Ids by what they belong to. */
const ids: Readonly<Record<string, string>> = {
  project: uuid("a1"),
  task: uuid("b2"),
  comment: uuid("c3"),
  column: uuid("d4"),
  label: uuid("e5"),
  user: uuid("f6"),
  eventactor: uuid("f6"),
  blocked_by: uuid("b3"),
  parent: uuid("b4"),
};
export const someId = uuid("d0bc2a366d36");
/** Midnight, so that it is the due date of an all-day task too (H5). */
export const someMoment = "2026-11-24T00:00:00.000Z";

/** Best first; one is taken if it fits the field's schema. `project.name` goes before `name` in a project. */
const fields: Readonly<Record<string, readonly unknown[]>> = {
  number: [42],
  key: ["WEB-42", "WEB"],
  "project.key": ["WEB"],
  title: ["Fix login"],
  name: ["Ana"],
  "project.name": ["Website"],
  "column.name": ["In progress"],
  "label.name": ["bug"],
  description: ["The button does nothing on a phone."],
  content: ["On it."],
  status: ["in_progress", "active"],
  position: ["V"],
  old_status: ["todo"],
  new_status: ["in_progress"],
  event: ["task_created", "x_build_finished"],
  room: [`project:${ids.project}`],
  type: ["urn:taskwire:error:conflict"],
  color: ["#2f6feb", "blue"],
  email: ["ana@example.org"],
  avatar_url: [null],
  time_zone: ["Europe/Vienna"],
  locale: ["en-GB"],
  password: ["correct horse battery"],
  currentPassword: ["correct horse battery"],
  newPassword: ["staple horse battery"],
  image: ["https://example.org/ana.png"],
  version: [3, "0.1.0"],
  protocol: [1],
  heartbeat_seconds: [25],
  epoch: ["k3v9"],
  seq: [1042],
  assignee: ["me"],
  archived: ["false"],
  estimate: [3],
  wip_limit: [5],
  parent_id: [null],
  archived_at: [null],
  completed_at: [null],
  deleted_at: [null],
  edited_at: [null],
  revoked_at: [null],
  next_cursor: [null],
  reactions: [{ "👍": [ids.user] }],
  changes: [{ title: "Fix login on phones" }],
  data: [{ progress: 80 }],
  checks: [{ database: "ok" }],
  openapi: ["3.1.1"],
  asyncapi: ["3.0.0"],
  ipAddress: ["203.0.113.7"],
  userAgent: ["Mozilla/5.0"],
  token: ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMWExZmMyMiJ9.c2lnbmF0dXJl"],
  code: ["conflict"],
  path: ["title"],
  message: ["the task was changed meanwhile"],
  "notification.message": ["Ana assigned you WEB-42 Fix login"],
  "sendnotification.message": ["Build 7 failed"],
  "notification.type": ["assigned"],
  category: ["assigned"],
  link: [`/projects/${ids.project}/tasks/${ids.task}`],
  count: [1],
  read_at: [null],
  snoozed_until: [null],
  dead_at: [null],
  last_error: [null],
  until: ["2026-11-25T08:00:00.000Z"],
  from: ["22:00"],
  to: ["06:30"],
  offsets_minutes: [[0, 60, 1440]],
  kind: ["mail"],
  endpoint: ["https://push.example.org/send/k3v9"],
  p256dh: ["BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"],
  auth: ["BTBZMqHH6r4Tts7J_aSIgg"],
  public_key: ["BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"],
  user_agent: ["Mozilla/5.0"],
  payload: [{ notification_ids: [someId] }],
  emoji: ["👍"],
  mutation_id: ["2f7c1c0e-move-42"],
};

const people = /(?:^|_)(?:user|author|assignee|assigned|member|person)$|_by$/;

/** Values for a field of a noun (`name` of a `project`), best first. */
export function valuesFor(field: string, noun: string): readonly unknown[] {
  const own = fields[`${noun}.${field}`] ?? fields[field] ?? [];
  const belongs = field === "id" ? noun : field.replace(/_id$/, "");
  return [...own, ids[belongs] ?? (people.test(belongs) ? ids.user : undefined)].filter((value) => value !== undefined);
}
