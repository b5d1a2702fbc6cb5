/** The work of `taskwire jobs …`. */
import { z } from "zod";
import { cancelJob, listJobs, retryJob } from "../features/admin/jobs.ts";
import { Page } from "../protocol/endpoint.ts";
import { AppError, parse } from "../protocol/errors.ts";
import { Id } from "../protocol/ids.ts";
import { Job, JobKindName, JobState } from "../protocol/jobs.ts";
import { systemCtx } from "../realtime/log.ts";
import { CommandError } from "./command-error.ts";
import { defineOperation, type Office } from "./operation.ts";

const ctxOf = ({ store }: Office) => systemCtx({ store }, Bun.randomUUIDv7());
const Filter = z.object({ state: z.string(), kind: z.string().optional() });
const Jobs = Page(Job);
const pageSize = 200;

async function read(office: Office, filter: z.infer<typeof Filter>, atMost: number): Promise<Job[]> {
  const state = parse(JobState, filter.state);
  const kind = filter.kind === undefined ? undefined : parse(JobKindName, filter.kind);
  const jobs: Job[] = [];
  let cursor: string | undefined;
  do {
    const { text } = await listJobs(ctxOf(office), { limit: pageSize, cursor, state, kind });
    const { items, next_cursor } = Jobs.parse(JSON.parse(text));
    jobs.push(...items);
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined && jobs.length < atMost);
  return jobs.slice(0, atMost);
}

const list = defineOperation({
  name: "jobs-list",
  input: Filter.extend({ limit: z.int() }),
  output: z.object({ jobs: z.array(Job) }),
  run: async (office, { limit, ...filter }) => ({ jobs: await read(office, filter, limit) }),
});

/** One by its id, or all dead ones (of a kind). */
const retry = defineOperation({
  name: "jobs-retry",
  input: z.object({ job: z.string().optional(), kind: z.string().optional() }),
  output: z.object({ retried: z.array(Job), passed_by: z.array(Job) }),
  async run(office, { job, kind }) {
    if (job !== undefined)
      return { retried: [await found(job, (id) => retryJob(ctxOf(office), id, {}))], passed_by: [] };
    const retried: Job[] = [];
    const passedBy: Job[] = [];
    for (const dead of await read(office, { state: "dead", kind }, Number.POSITIVE_INFINITY)) {
      try {
        retried.push(await retryJob(ctxOf(office), dead.id, {}));
      } catch (error) {
        // Gone by now, or there is another for the same: neither is in the way of the rest.
        if (!(error instanceof AppError)) throw error;
        passedBy.push(dead);
      }
    }
    return { retried, passed_by: passedBy };
  },
});

const cancel = defineOperation({
  name: "jobs-cancel",
  input: z.object({ job: z.string() }),
  output: z.object({ job: z.string() }),
  async run(office, { job }) {
    await found(job, (id) => cancelJob(ctxOf(office), id, {}));
    return { job };
  },
});

async function found<Answer>(job: string, act: (id: string) => Promise<Answer>): Promise<Answer> {
  const advice = 'See "taskwire jobs list".';
  const id = Id.safeParse(job);
  if (!id.success) throw new CommandError(`${job} is not the id of a job`, advice, "not_found");
  try {
    return await act(id.data);
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== "not_found" && error.code !== "conflict")) throw error;
    throw new CommandError(error.message, advice, error.code);
  }
}

export const jobOperations = { list, retry, cancel };
