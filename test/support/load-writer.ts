/** A writer under faults: keeps a few mutations in flight, and sends each again until it was answered for good. */
import { type Client, ConnectionLost, openClient, Refused } from "./contract-client.ts";
import { digest } from "./fold.ts";
import type { Random } from "./random.ts";

export type Verb =
  | "task_create"
  | "task_update"
  | "task_status_update"
  | "task_move"
  | "task_assign"
  | "task_delete"
  | "new_comment";

/** One project the load writes to, as its writers know it. */
export interface Target {
  readonly projectId: string;
  readonly memberIds: readonly string[];
  /** Ids of tasks that were made (and not deleted) as far as answers tell. */
  readonly taskIds: string[];
}

/** An acknowledged mutation. */
export interface Ack {
  readonly projectId: string;
  readonly mutationId: string;
  readonly verb: Verb;
  readonly seq: number;
  /** Of the task or comment answered. */
  readonly resource: string;
  /** Could it have asked for what was so already? Then it makes no event (S12). */
  readonly mayChangeNothing: boolean;
}

/** What all writers wrote down. */
export interface Ledger {
  readonly acks: Ack[];
  /** First answers that were thrown away on purpose; the log must agree with them as well. */
  readonly dropped: Ack[];
  readonly refused: { readonly mutationId: string; readonly code: string }[];
  /** Anything that must never happen, in words. */
  readonly violations: string[];
  /** Answers `unavailable` or `storage_full` so far. */
  unavailable: number;
}

export const emptyLedger = (): Ledger => ({ acks: [], dropped: [], refused: [], violations: [], unavailable: 0 });

export interface WriterOptions {
  readonly name: string;
  readonly url: string;
  readonly token: string;
  readonly targets: readonly Target[];
  readonly random: Random;
  readonly ledger: Ledger;
  /** Mutations in flight at a time. */
  readonly window: number;
  /** Mutations to make; Infinity: until `stop`. */
  readonly budget: number;
  /** Throws the first answer of every mutation away and sends it again, sometimes over a new connection. */
  readonly dropFirstAnswers: boolean;
  /** Thinks about so long before each mutation; default: not at all. */
  readonly paceMs?: number | undefined;
  readonly quietMs?: number | undefined;
  readonly acknowledged: () => void;
}

export interface Writer {
  /** Settles when the budget is spent, or after `stop`, and everything sent was answered. */
  readonly finished: Promise<void>;
  stop(): void;
  /** What it waits for, in words. */
  state(): string;
  /** Gives up also what was sent; `finished` may never settle. */
  abandon(): void;
}

interface Mutation {
  readonly id: string;
  readonly target: Target;
  readonly verb: Verb;
  readonly data: object;
  readonly mayChangeNothing: boolean;
}

const statuses = ["todo", "in_progress", "review", "completed"] as const;
/** Refusals that a writer who does not know of the others' changes must expect. */
const expected = new Set(["conflict", "not_found"]);
/** Refusals after which the same mutation is sent again. */
const passing = new Set(["unavailable", "storage_full"]);
const retryMs = 20;

export function startWriter(options: WriterOptions): Writer {
  const { random, ledger, name } = options;
  let left = options.budget;
  let client: Promise<Client> | undefined;
  let made = 0;
  let abandoned = false;
  let link = "not connected";
  const open = new Set<string>();

  const connect = async (): Promise<Client> => {
    for (;;) {
      if (abandoned) return new Promise<never>(() => {});
      link = "connecting";
      try {
        return await openClient({ url: options.url, token: options.token, quietMs: options.quietMs });
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await Bun.sleep(retryMs + random.int(3 * retryMs)); // the client's own backoff
      }
    }
  };
  const current = (): Promise<Client> => {
    client ??= connect().then((opened) => {
      link = "connected";
      void opened.closed.then(({ code }) => {
        client = undefined;
        link = `closed with ${code}`;
      });
      return opened;
    });
    return client;
  };

  /** The answer to one sending; undefined where it has to be sent again. */
  const send = async ({ id, target, verb, data, mayChangeNothing }: Mutation): Promise<Ack | Refused | undefined> => {
    try {
      const connection = await current();
      const answer = await connection.request(verb, { ...data, mutation_id: id });
      const resource = digest("task" in answer ? answer.task : answer.comment);
      return { projectId: target.projectId, mutationId: id, verb, seq: answer.seq, resource, mayChangeNothing };
    } catch (error) {
      if (error instanceof ConnectionLost) return undefined;
      if (!(error instanceof Refused)) throw error;
      if (!passing.has(error.error.code)) return error;
      ledger.unavailable++;
      await Bun.sleep(retryMs + random.int(3 * retryMs));
      return undefined;
    }
  };

  const settle = async (mutation: Mutation): Promise<void> => {
    let drop = options.dropFirstAnswers;
    for (;;) {
      const answer = await send(mutation);
      if (answer === undefined) continue;
      if (answer instanceof Refused) return refuse(mutation, answer);
      if (!drop) return accept(mutation, answer);
      drop = false;
      ledger.dropped.push(answer);
      if (random.chance(0.05)) (await current()).close(true);
    }
  };
  const refuse = ({ id, verb }: Mutation, { error }: Refused): void => {
    ledger.refused.push({ mutationId: id, code: error.code });
    const neighbourGone = verb === "task_move" && error.code === "invalid";
    if (!expected.has(error.code) && !neighbourGone)
      ledger.violations.push(`${verb} ${id}: ${error.code}: ${error.message}`);
  };
  const accept = ({ target, verb, data }: Mutation, ack: Ack): void => {
    if (verb === "task_create" && "id" in data) target.taskIds.push(String(data.id));
    ledger.acks.push(ack);
    options.acknowledged();
  };

  const slot = async (): Promise<void> => {
    while (left > 0) {
      left--;
      if (options.paceMs !== undefined) await Bun.sleep(random.int(2 * options.paceMs));
      const target = random.pick(options.targets);
      const mutation = { id: `${name}-${++made}`, target, ...makeMutation(random, target, `${name}-${made}`) };
      open.add(`${mutation.verb} ${mutation.id}`);
      await settle(mutation);
      open.delete(`${mutation.verb} ${mutation.id}`);
    }
  };
  const slots = Promise.all(Array.from({ length: options.window }, slot));
  return {
    finished: slots.then(async () => (await client)?.close()),
    stop() {
      left = 0;
    },
    state: () => (open.size === 0 ? "" : `${name} ${link}, waits for ${[...open].join(", ")}`),
    abandon() {
      left = 0;
      abandoned = true;
      void client?.then((opened) => opened.close(true));
    },
  };
}

function makeMutation(
  random: Random,
  target: Target,
  mark: string,
): Pick<Mutation, "verb" | "data" | "mayChangeNothing"> {
  const taskId = target.taskIds[random.int(target.taskIds.length)];
  const dice = random.int(100);
  if (taskId === undefined || dice < 8) {
    const data = { project_id: target.projectId, id: Bun.randomUUIDv7(), title: `Task ${mark}` };
    return { verb: "task_create", data, mayChangeNothing: false };
  }
  const task = { task_id: taskId };
  if (dice < 38)
    return { verb: "task_update", data: { ...task, ...makeChanges(random, mark) }, mayChangeNothing: false };
  if (dice < 58) {
    return { verb: "task_status_update", data: { ...task, status: random.pick(statuses) }, mayChangeNothing: true };
  }
  if (dice < 73) return { verb: "task_move", data: makeMove(random, target, taskId), mayChangeNothing: true };
  if (dice < 80) {
    const assignee_ids = target.memberIds.filter(() => random.chance(0.3));
    return { verb: "task_assign", data: { ...task, assignee_ids }, mayChangeNothing: true };
  }
  if (dice < 81 && target.taskIds.length > 8) {
    target.taskIds.splice(target.taskIds.indexOf(taskId), 1);
    return { verb: "task_delete", data: task, mayChangeNothing: false };
  }
  return { verb: "new_comment", data: { ...task, content: `Comment ${mark}` }, mayChangeNothing: false };
}

/** Always at least one new value; sometimes several aspects at once, sometimes on a version that may be stale. */
function makeChanges(random: Random, mark: string): object {
  const changes = {
    title: `Title ${mark}`,
    ...(random.chance(0.3) && { description: `Description ${mark} `.repeat(random.int(20)) }),
    ...(random.chance(0.2) && { status: random.pick(statuses) }),
    ...(random.chance(0.3) && { estimate: random.int(100), priority: random.pick(["none", "low", "high"]) }),
  };
  return random.chance(0.1) ? { changes, version: 1 + random.int(30) } : { changes };
}

function makeMove(random: Random, target: Target, taskId: string): object {
  const beside = random.pick(target.taskIds);
  const where = beside === taskId ? {} : random.pick([{ before: beside }, { after: beside }, {}]);
  return { task_id: taskId, status: random.pick(statuses), ...where };
}
