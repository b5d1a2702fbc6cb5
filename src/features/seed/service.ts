/** The seed: believable people, projects and tasks with their history. The same options twice change nothing. */
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Ctx } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { AppError, parse } from "../../protocol/errors.ts";
import { systemCtx } from "../../realtime/log.ts";
import { createPasswords } from "../auth/passwords.ts";
import { appendMembers, appendTasks } from "./append.ts";
import { buildProject, publishProject } from "./build.ts";
import { foundProject, projectId } from "./foundation.ts";
import { type ProjectMarker, projectMarker, readMarker } from "./marker.ts";
import { SeedOptions, type SeedParts, type SeedReport, type SeedResult } from "./options.ts";
import { makePeople } from "./people.ts";

/** 120 bits. */
const makePassword = (): string => randomBytes(15).toString("base64url");

/**
 * Makes what is missing of `options` (see there for units and defaults), also while others work on the server. Throws
 * `invalid`; `not_found` where `owner` has no account; `conflict` where an address is another account's; and what `report`
 * throws, which stops the seed: the next run goes on from there.
 */
export async function seedData(
  parts: SeedParts,
  options: z.input<typeof SeedOptions>,
  report: SeedReport = () => {},
): Promise<SeedResult> {
  const wanted = parse(SeedOptions, options);
  const { seed } = wanted;
  const ctx = systemCtx(parts, "seed");
  const ownerId = wanted.owner === undefined ? null : await findOwner(ctx, wanted.owner);
  report({ step: "people", done: 0, total: wanted.people });
  const password = wanted.password ?? makePassword();
  const made = await makePeople(parts, createPasswords(), { seed, people: wanted.people, password });
  report({ step: "people", done: wanted.people, total: wanted.people });

  const asked = Array.from({ length: wanted.projects }, (_, index) => ({ index, tasks: shareOf(wanted, index) }));
  const before = await Promise.all(asked.map(({ index }) => haveOf(ctx, seed, index)));
  const told = createProgress(asked, before, report);
  for (const { index, tasks } of asked)
    await makeProject(ctx, parts.clock, { seed, index, tasks, people: made.people.length, ownerId }, told);
  const after = await Promise.all(asked.map(({ index }) => haveOf(ctx, seed, index)));
  return {
    people: made.people.map(({ id, name, email }, i) => ({ id, name, email, made: i >= made.before })),
    projects: await describe(ctx, seed, before, after),
    password: made.password,
    administrator: made.administrator,
  };
}

async function findOwner(ctx: Ctx, email: string): Promise<string> {
  const rows = await query<{ id: string }>(ctx, "select id from users where email = $1 and disabled_at is null", [
    email,
  ]);
  const [owner] = rows;
  if (!owner) throw new AppError("not_found", `there is no account with the address ${email}; make it first`);
  return owner.id;
}

/** An even share; what is left over goes to the first. */
const shareOf = ({ tasks, projects }: SeedOptions, index: number): number =>
  Math.floor(tasks / projects) + (index < tasks % projects ? 1 : 0);

/** Tasks written so far of a project of the seed. */
async function haveOf(ctx: Ctx, seed: number, index: number): Promise<number> {
  const { database } = ctx.store;
  const marker = await database.guard(() => readMarker<ProjectMarker>(database.orm, projectMarker(seed, index)));
  if (!marker || marker.done) return marker?.tasks ?? 0;
  const rows = await query<{ tasks: number }>(ctx, "select task_count as tasks from projects where id = $1::uuid", [
    marker.projectId,
  ]);
  return rows[0]?.tasks ?? 0;
}

/** Told of so many tasks that came to be. */
type Told = (tasks: number) => void;

function createProgress(
  asked: readonly { readonly tasks: number }[],
  before: readonly number[],
  report: SeedReport,
): Told {
  const total = asked.reduce((sum, { tasks }, i) => sum + Math.max(tasks - (before[i] ?? 0), 0), 0);
  let done = 0;
  report({ step: "tasks", done, total });
  return (tasks) => {
    done += tasks;
    report({ step: "tasks", done: Math.min(done, total), total });
  };
}

interface Wanted {
  readonly seed: number;
  readonly index: number;
  readonly tasks: number;
  readonly people: number;
  readonly ownerId: string | null;
}

async function makeProject(ctx: Ctx, clock: Clock, wanted: Wanted, told: Told): Promise<void> {
  const { seed, index, tasks, people, ownerId } = wanted;
  const { database } = ctx.store;
  const read = () => database.guard(() => readMarker<ProjectMarker>(database.orm, projectMarker(seed, index)));
  const id = projectId(seed, index);
  if (!(await read())) {
    const marker = { projectId: id, baseMs: clock.now(), tasks, people, ownerId, done: false };
    await foundProject(ctx, seed, index, marker);
  }
  const marker = await read();
  if (!marker) throw new Error("a project that was founded has its marker");
  if (!marker.done) {
    await buildProject(ctx, seed, index, marker, told);
    await publishProject(ctx, seed, index, marker);
  }
  await appendMembers(ctx, seed, index, { people, ownerId });
  await appendTasks(ctx, seed, index, { wanted: tasks, nowMs: clock.now() }, told);
}

async function describe(
  ctx: Ctx,
  seed: number,
  before: readonly number[],
  after: readonly number[],
): Promise<SeedResult["projects"]> {
  const ids = after.map((_, index) => projectId(seed, index));
  const rows = await query<{ id: string; key: string; name: string }>(
    ctx,
    "select id, key, name from projects where id = any($1::uuid[]) and deleted_at is null order by id",
    [`{${ids.join()}}`],
  );
  return rows.map((row) => {
    const index = ids.indexOf(row.id);
    const tasks = after[index] ?? 0;
    return { ...row, tasks, made: tasks - (before[index] ?? 0) };
  });
}
