/** Where a command speaks: answers on standard output, everything else on standard error. */
import { CommandError } from "./command-error.ts";
import type { Report } from "./operation.ts";
import { createBar, createProgressLines, noProgress, type ProgressView } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

export interface Terminal {
  readonly json: boolean;
  /** For standard output. */
  readonly paint: Paint;
  /** Columns of standard output; undefined where it is no terminal. */
  readonly width: number | undefined;
  /** The answer of the command: the document with --json, else the lines. */
  answer(document: unknown, lines: readonly string[]): void;
  /** What belongs to the answer and must not get into a pipe; nothing with --json. */
  note(line: string): void;
  readonly report: Report;
  /** Call it before anything else is printed. */
  endProgress(): void;
  /** Asks a person; throws UsageError where there is none and `--yes` was not given. */
  confirm(question: string): Promise<boolean>;
  /** The first line of standard input; typed unseen on a terminal. Throws CommandError where it is empty. */
  readSecret(prompt: string): Promise<string>;
}

export function createTerminal(json: boolean): Terminal {
  const { stdout } = process;
  const progress = createProgress(json);
  return {
    json,
    paint: createPaint(!json && hasColour(stdout)),
    width: stdout.isTTY ? stdout.columns : undefined,
    answer(document, lines) {
      progress.end();
      print(json ? JSON.stringify(document) : lines.join("\n"));
    },
    note(line) {
      if (!json) printError(errorPaint().dim(line));
    },
    report: progress.report,
    endProgress: progress.end,
    confirm,
    readSecret,
  };
}

export const print = (text: string): void => console.log(text);
/** Not by `console.error`, which paints a terminal red. */
export const printError = (text: string): void => void process.stderr.write(`${text}\n`);

/** https://no-color.org: any value that is not empty switches colours off. */
const hasColour = (stream: { readonly isTTY?: boolean }): boolean =>
  stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";

function createPaint(colour: boolean): Paint {
  const code = (on: number, off: number) => (text: string) => (colour ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return { bold: code(1, 22), dim: code(2, 22), green: code(32, 39), red: code(31, 39) };
}

/** For what is printed on standard error. */
export const errorPaint = (): Paint => createPaint(hasColour(process.stderr));

function createProgress(json: boolean): ProgressView {
  const { stderr } = process;
  const options = { write: (text: string) => void stderr.write(text), now: () => performance.now() };
  if (json) return createProgressLines(options);
  return stderr.isTTY ? createBar({ ...options, paint: errorPaint().green }) : noProgress;
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError("this takes --yes where nobody can be asked");
  process.stderr.write(`${question} [y/N] `);
  const answer = await readLine();
  return /^y(es)?$/i.test(answer.trim());
}

async function readSecret(prompt: string): Promise<string> {
  const secret = process.stdin.isTTY ? await readUnseen(prompt) : await readLine();
  if (secret === "") throw new CommandError("no password came on standard input", "Give it as one line.");
  return secret;
}

/** The first line of standard input, without its end. */
async function readLine(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of process.stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

/** A line that is typed on the terminal without being shown. */
async function readUnseen(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stdin.setRawMode(true); // before anybody is asked: what is typed at once is not shown either
  let text = "";
  try {
    stderr.write(prompt);
    for await (const chunk of stdin) {
      for (const key of String(chunk)) {
        if (key === "\r" || key === "\n") return text;
        if (key === "\x03" || key === "\x04") throw new CommandError("stopped", "Nothing was changed.");
        text = key === "\x7f" || key === "\b" ? text.slice(0, -1) : text + key;
      }
    }
    return text;
  } finally {
    stdin.setRawMode(false);
    stderr.write("\n");
  }
}
