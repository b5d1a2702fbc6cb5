/** `taskwire jobs …`: work that waits, and work that failed for good. */
import type { Command } from "./command.ts";
import { argument, optionalArgument, text, whole } from "./option.ts";
import { perform } from "./perform.ts";
import { table } from "./table.ts";

const operations = async () => (await import("./jobs-operations.ts")).jobOperations;

const state = text("state", "state", "waiting, running or dead", "dead");
const kind = text("kind", "kind", "Only this kind, such as mail or push");
const limit = whole("limit", "At most so many", { min: 1, max: 100_000, fallback: 100 });
const one = argument("job", "Its id, as the list shows it");
const which = optionalArgument("job", "Its id, as the list shows it; absent: all that failed");

const plural = (count: number): string => (count === 1 ? "1 job" : `${count} jobs`);

const listCommand: Command = {
  name: "jobs list",
  group: "Server",
  summary: "Show work that failed for good, or that waits",
  options: [state, kind, limit],
  examples: [
    ["taskwire jobs list", "what failed for good, the latest first"],
    ["taskwire jobs list --state waiting --kind mail", "mail that is to leave"],
  ],
  async run(given, terminal) {
    const input = { state: state.read(given) ?? "dead", kind: kind.read(given), limit: limit.read(given) ?? 100 };
    const found = await perform(async () => (await operations()).list, input, terminal);
    const { paint, width } = terminal;
    const rows = found.jobs.map((job) => [
      job.id,
      job.kind,
      job.state,
      String(job.attempts),
      (job.dead_at ?? job.due_at).slice(0, 19).replace("T", " "),
      job.last_error ?? "",
    ]);
    const titles = ["job", "kind", "state", "attempts", input.state === "dead" ? "failed" : "due", "last error"];
    terminal.answer(found, rows.length === 0 ? ["There are none."] : table(titles, rows, { width, title: paint.bold }));
    return 0;
  },
};

const retryCommand: Command = {
  name: "jobs retry",
  group: "Server",
  summary: "Try a job again, or all that failed for good",
  about: "They begin anew, with all of their attempts. Of mail and push nothing is sent twice that was sent.",
  options: [which, kind],
  examples: [
    ["taskwire jobs retry --kind mail", "when the mail server's settings are mended"],
    ["taskwire jobs retry 01a1f9c0-77de-7e34-a9a2-6a5a3e1f2b11", "one of them"],
  ],
  async run(given, terminal) {
    const input = { job: which.read(given), kind: kind.read(given) };
    const done = await perform(async () => (await operations()).retry, input, terminal);
    const rest = done.passed_by.length;
    const passedBy = rest > 0 ? [`${plural(rest)} were passed by: others for the same wait already.`] : [];
    terminal.answer(done, [`${plural(done.retried.length)} will be tried again now.`, ...passedBy]);
    return 0;
  },
};

const cancelCommand: Command = {
  name: "jobs cancel",
  group: "Server",
  summary: "Take a job away",
  about: "What one that runs has done already, stays done.",
  options: [one],
  examples: [["taskwire jobs cancel 01a1f9c0-77de-7e34-a9a2-6a5a3e1f2b11", "it is not tried again"]],
  async run(given, terminal) {
    const done = await perform(async () => (await operations()).cancel, { job: one.read(given) }, terminal);
    terminal.answer(done, [`The job ${done.job} is gone.`]);
    return 0;
  },
};

export const jobCommands: readonly Command[] = [listCommand, retryCommand, cancelCommand];
