/**
 * Who is told what of a project's events. Watching is automatic here: whoever makes a task, is assigned to it or comments
 * on it watches it, unless they chose not to. Nobody is told of what they did themselves.
 */
import type { CommittedEvent, Store, Tx } from "../../db/context.ts";
import { notificationsProcessor } from "../../db/processors.ts";
import { queryIn } from "../../db/query.ts";
import type { Plan, ProcessorKind } from "../../jobs/processor.ts";
import { categories, type Meaning, meaningful, meaningOf, type Telling } from "./meaning.ts";
import { type Notice, notify } from "./notify.ts";
import { type Available, loadSettings } from "./settings.ts";

interface Actor {
  readonly id: string | undefined;
  readonly name: string;
}
const actorOf = ({ actor }: CommittedEvent): Actor =>
  actor === null ? { id: undefined, name: "Taskwire" } : JSON.parse(actor);

interface Context {
  readonly project: { readonly id: string; readonly name: string } | undefined;
  readonly members: ReadonlySet<string>;
  /** By task and person: does this person watch it? Absent: they never said, and nothing made them. */
  readonly watchers: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
  readonly tasks: ReadonlyMap<string, { readonly key: string; readonly title: string }>;
}

const contextSql = `
  select p.name, (select coalesce(json_agg(m.user_id), '[]') from members m where m.project_id = p.id)::text as members,
    (select coalesce(json_agg(json_build_array(w.task_id, w.user_id, w.watching)), '[]') from watchers w
      where w.task_id = any($2::uuid[]))::text as watchers,
    (select coalesce(json_agg(json_build_array(t.id, t.key, t.title)), '[]') from tasks t
      where t.id = any($2::uuid[]))::text as tasks
  from projects p where p.id = $1::uuid and p.deleted_at is null`;

async function readContext({ database }: Store, projectId: string, taskIds: readonly string[]): Promise<Context> {
  const rows = await database.guard(() =>
    database.sql.unsafe<{ name: string; members: string; watchers: string; tasks: string }[]>(
      contextSql,
      [projectId, `{${taskIds.join()}}`],
      { prepare: true },
    ),
  );
  const row = rows[0];
  const watching: [string, string, boolean][] = row ? JSON.parse(row.watchers) : [];
  const tasks: [string, string, string][] = row ? JSON.parse(row.tasks) : [];
  const watchers = new Map<string, Map<string, boolean>>();
  for (const [task, user, does] of watching) watchers.set(task, (watchers.get(task) ?? new Map()).set(user, does));
  return {
    project: row && { id: projectId, name: row.name },
    members: new Set<string>(row ? JSON.parse(row.members) : []),
    watchers,
    tasks: new Map(tasks.map(([id, key, title]) => [id, { key, title }])),
  };
}

/** The processor that fills inboxes. `wake` is called when mail or push may have been asked for. */
export const notifications = (store: Store, available: Available, wake: () => void): ProcessorKind => ({
  name: notificationsProcessor,
  events: meaningful,
  plan: (projectId, events) => plan(store, available, wake, projectId, events),
});

interface Watch {
  readonly task_id: string;
  readonly user_id: string;
}

async function plan(
  store: Store,
  available: Available,
  wake: () => void,
  projectId: string,
  events: readonly CommittedEvent[],
): Promise<Plan | undefined> {
  const happened = events.flatMap((event) => {
    const actor = actorOf(event);
    const meaning = meaningOf(event, actor.name);
    return meaning ? [{ actor, meaning, event }] : [];
  });
  if (happened.length === 0) return undefined;
  const taskIds = [...new Set(happened.flatMap(({ meaning }) => (meaning.taskId ? [meaning.taskId] : [])))];
  const context = await readContext(store, projectId, taskIds);
  if (!context.project) return undefined;
  const watching = new Map([...context.watchers].map(([id, people]) => [id, new Map(people)]));
  const notices: Notice[] = [];
  const watches: Watch[] = [];
  for (const one of happened) {
    notices.push(...noticesOf(one.meaning, one.actor, one.event, context, watching));
    const { taskId, watch } = one.meaning;
    if (!taskId || !context.tasks.has(taskId)) continue;
    const people = watching.get(taskId) ?? new Map<string, boolean>();
    watching.set(taskId, people);
    for (const userId of watch) {
      // Who watches already, and who chose not to, stays so.
      if (people.has(userId) || !context.members.has(userId)) continue;
      watches.push({ task_id: taskId, user_id: userId });
      people.set(userId, true);
    }
  }
  if (notices.length === 0 && watches.length === 0) return undefined;
  const people = [...new Set(notices.map(({ userId }) => userId))];
  const settings = await loadSettings(store.database, available, people, projectId);
  return {
    rooms: people,
    async work(tx) {
      await watchTasks(tx, watches);
      await notify(tx, notices, settings);
    },
    after: wake,
  };
}

/** Everybody once an event: as directly concerned, else as one who watches. */
function noticesOf(
  meaning: Meaning,
  actor: Actor,
  { event, seq }: CommittedEvent,
  { project, members, tasks }: Context,
  watching: ReadonlyMap<string, ReadonlyMap<string, boolean>>,
): Notice[] {
  // Of a task that is gone there is nothing to open.
  if (meaning.taskId !== undefined && !tasks.has(meaning.taskId)) return [];
  const told = new Set<string>(actor.id === undefined ? [] : [actor.id]);
  const notices: Notice[] = [];
  const { taskId } = meaning;
  const task = taskId === undefined ? undefined : tasks.get(taskId);
  const about = taskId ?? project?.id;
  const tell = (userId: string, { type, message, text = about, once }: Telling): void => {
    if (told.has(userId) || !members.has(userId)) return;
    told.add(userId);
    notices.push({
      userId,
      type,
      category: categories[type],
      message,
      data: {
        ...meaning.data,
        event,
        seq,
        project_id: project?.id,
        project_name: project?.name,
        ...(task && { task_id: taskId, task_key: task.key, task_title: task.title }),
        ...(actor.id !== undefined && { actor_id: actor.id, actor_name: actor.name }),
      },
      link: taskId === undefined ? `/projects/${project?.id}` : `/projects/${project?.id}/tasks/${taskId}`,
      collapseKey: `${type}:${text}`,
      projectId: project?.id,
      taskId,
      once,
    });
  };
  for (const { ids, ...telling } of meaning.direct) for (const id of ids) tell(id, telling);
  const { watchers } = meaning;
  if (watchers && taskId !== undefined)
    for (const [id, does] of watching.get(taskId) ?? []) if (does) tell(id, watchers);
  return notices;
}

/** Whoever chose not to watch a task is not made to. */
async function watchTasks(tx: Tx, watches: readonly Watch[]): Promise<void> {
  if (watches.length === 0) return;
  await queryIn(
    tx.orm,
    `insert into watchers (task_id, user_id) select distinct x.task_id, x.user_id
    from json_to_recordset($1::text::json) as x(task_id uuid, user_id uuid) join tasks t on t.id = x.task_id
    on conflict do nothing`,
    [JSON.stringify(watches)],
  );
}
