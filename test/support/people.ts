/** People who call the API with tokens of a host application: made when first seen, without passwords. */
import { SignJWT } from "jose";
import type { Comment } from "../../src/protocol/comments.ts";
import type { LoggedEvent } from "../../src/protocol/event.ts";
import type { Member, Project } from "../../src/protocol/projects.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { hostSecret, type TestApp } from "./app.ts";

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly current?: unknown;
  readonly request_id: string;
}

export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** What the contract says of the path; where an error came instead, a test reads `problem`. */
  readonly body: Body;
  readonly problem: Problem;
  readonly text: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

export interface Events {
  readonly epoch: string;
  readonly seq: number;
  readonly items: readonly (LoggedEvent & { readonly data: Readonly<Record<string, unknown>> })[];
}

type Headings = Readonly<Record<string, string>>;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  /** Sends `body` as JSON, a string as it stands. */
  call<Body>(method: string, path: string, body?: unknown, headers?: Headings): Promise<Reply<Body>>;
}

const tokenOf = (name: string): Promise<string> =>
  new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(name)
    .setExpirationTime("2h")
    .sign(new TextEncoder().encode(hostSecret));

export async function makePerson(app: Pick<TestApp, "url">, name: string): Promise<Person> {
  const token = await tokenOf(name);
  const me = await caller(app, token)<{ id: string }>("GET", "/api/me");
  if (me.status !== 200) throw new Error(`/api/me was answered ${me.status} ${me.text}`);
  return { id: me.body.id, name, token, call: caller(app, token) };
}

/** Calls with any token or API key. */
export const caller =
  (app: Pick<TestApp, "url">, token: string): Person["call"] =>
  <Body>(method: string, path: string, body?: unknown, headers?: Headings) =>
    send<Body>(`${app.url}${path}`, method, body, { authorization: `Bearer ${token}`, ...headers });

async function send<Body>(url: string, method: string, body?: unknown, headers: Headings = {}): Promise<Reply<Body>> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: parsed, problem: parsed, text };
}

/** The body of an answer that must have this status. */
export function ok<Body>(reply: Reply<Body>, status: number): Body {
  if (reply.status !== status) throw new Error(`answered ${reply.status}, not ${status}: ${reply.text.slice(0, 500)}`);
  return reply.body;
}

/** What was written last and what is written next then have different times: lists by time are in that order. */
export function endMillisecond(): void {
  for (const now = Date.now(); Date.now() === now; );
}

export async function makeProject(owner: Person, body: object = { name: "Website" }): Promise<Project> {
  const project = ok(await owner.call<Project>("POST", "/api/projects", body), 201);
  endMillisecond();
  return project;
}

export async function addMember(admin: Person, project: Project, person: Person, role: string): Promise<Member> {
  const path = `/api/projects/${project.id}/members`;
  const member = ok(await admin.call<Member>("POST", path, { user_id: person.id, role }), 201);
  endMillisecond();
  return member;
}

export const makeTask = async (person: Person, project: Project, body: object = { title: "Task" }): Promise<Task> =>
  ok(await person.call<Task>("POST", `/api/projects/${project.id}/tasks`, body), 201);

export const makeComment = async (person: Person, task: Task, content: string): Promise<Comment> =>
  ok(await person.call<Comment>("POST", `/api/tasks/${task.id}/comments`, { content }), 201);

export const getSnapshot = async (person: Person, project: Project): Promise<Snapshot> =>
  ok(await person.call<Snapshot>("GET", `/api/projects/${project.id}/snapshot`), 200);

/** The project's events after `since`. */
export const getEvents = async (person: Person, project: Project, since = 0): Promise<Events["items"]> =>
  ok(await person.call<Events>("GET", `/api/projects/${project.id}/events?since=${since}&limit=500`), 200).items;

/** The events in a person's own room, oldest first. */
export async function getUserEvents(app: TestApp, person: Person): Promise<{ event: string; data: unknown }[]> {
  const rows = await app.database.sql<{ event: string; data: string }[]>`
    select event, data from events where room_id = ${person.id} order by seq`;
  return rows.map(({ event, data }) => ({ event, data: JSON.parse(data) }));
}
