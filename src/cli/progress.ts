/** How far a long work has come: one line on a terminal that is drawn anew, or NDJSON lines for programs. */
import type { Progress } from "./operation.ts";

export interface ProgressView {
  report(progress: Progress): void;
  /** Takes the line away. */
  end(): void;
}

interface Options {
  readonly write: (text: string) => void;
  readonly paint: (text: string) => string;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
}

interface Step {
  readonly startedMs: number;
  readonly doneAtStart: number;
}

export const noProgress: ProgressView = { report() {}, end() {} };
const barEveryMs = 80;
const lineEveryMs = 500;
const barWidth = 24;

/** Calls `show` at once for the first report of a step and for its last, and every `everyMs` between. */
function throttled(now: () => number, everyMs: number, show: (progress: Progress, step: Step) => void) {
  const steps = new Map<string, Step>();
  let shown = { name: "", atMs: 0 };
  return (progress: Progress): void => {
    const atMs = now();
    const name = progress.step;
    // Two steps may take turns; each goes on where it was.
    const step = steps.get(name) ?? { startedMs: atMs, doneAtStart: progress.done };
    steps.set(name, step);
    if (shown.name === name && atMs - shown.atMs < everyMs && progress.done < progress.total) return;
    shown = { name, atMs };
    show(progress, step);
  };
}

export function createBar({ write, paint, now }: Options): ProgressView {
  let drawn = false;
  return {
    report: throttled(now, barEveryMs, (progress, step) => {
      drawn = true;
      write(`\r\x1b[2K${barLine(progress, measure(progress, step, now()), paint)}`);
    }),
    end() {
      if (drawn) write("\r\x1b[2K");
      drawn = false;
    },
  };
}

/** One `{"progress": {step, done, total, per_second, eta_seconds}}` a line. */
export function createProgressLines({ write, now }: Omit<Options, "paint">): ProgressView {
  return {
    report: throttled(now, lineEveryMs, (progress, step) => {
      const { perSecond, etaSeconds } = measure(progress, step, now());
      const measured = { per_second: perSecond ?? null, eta_seconds: etaSeconds ?? null };
      write(`${JSON.stringify({ progress: { ...progress, ...measured } })}\n`);
    }),
    end() {},
  };
}

interface Pace {
  readonly perSecond: number | undefined;
  readonly etaSeconds: number | undefined;
}

/** The mean of the step so far; nothing before there is one. */
function measure({ done, total }: Progress, { startedMs, doneAtStart }: Step, nowMs: number): Pace {
  const seconds = (nowMs - startedMs) / 1000;
  const count = done - doneAtStart;
  if (seconds < 0.2 || count <= 0) return { perSecond: undefined, etaSeconds: undefined };
  const rate = count / seconds;
  return { perSecond: Math.round(rate * 10) / 10, etaSeconds: Math.ceil((total - done) / rate) };
}

function barLine({ step, done, total }: Progress, { perSecond, etaSeconds }: Pace, paint: (text: string) => string) {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const full = Math.round(share * barWidth);
  const bar = paint("━".repeat(full)) + "─".repeat(barWidth - full);
  const count = `${done.toLocaleString("en")}/${total.toLocaleString("en")}`;
  const rate = perSecond === undefined ? "" : `  ${Math.round(perSecond).toLocaleString("en")}/s`;
  const left = etaSeconds === undefined || done >= total ? "" : `  ${duration(etaSeconds)} left`;
  return `  ${step.padEnd(10)} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${count}${rate}${left}`;
}

/** `42 s`, `3 min 5 s`, `1 h 12 min`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
