/** Log lines for people: `10:42:07.311 INFO  message  field=value`, errors with their stack below. */
import { z } from "zod";

const Line = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().default("") });
const Failure = z.looseObject({ stack: z.string(), cause: z.unknown().optional() });

/** The stack of an error and of its causes; undefined where `value` is not an error. */
function stackOf(value: unknown): string | undefined {
  const failure = Failure.safeParse(value);
  if (!failure.success) return undefined;
  const cause = stackOf(failure.data.cause);
  return cause ? `${failure.data.stack}\ncaused by: ${cause}` : failure.data.stack;
}

const colours: Record<string, string> = { trace: "90", debug: "36", info: "32", warn: "33", error: "31", fatal: "35" };
const paint = (code: string, text: string): string => (Bun.enableANSIColors ? `\x1b[${code}m${text}\x1b[0m` : text);

/** Takes one JSON line of pino and answers the line (or lines) to print; anything else passes unchanged. */
export function prettyLine(json: string): string {
  const parsed = Line.safeParse(parseJson(json));
  if (!parsed.success) return json;
  const { level, time, msg, ...fields } = parsed.data;
  const words = [paint("90", time.slice(11, 23)), paint(colours[level] ?? "0", level.toUpperCase().padEnd(5)), msg];
  const stacks: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const stack = stackOf(value);
    if (stack !== undefined) stacks.push(stack);
    else words.push(`${paint("90", `${key}=`)}${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  return `${[words.join(" "), ...stacks].join("\n")}\n`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
