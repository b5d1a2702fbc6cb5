/** Debug mode: what is sent, heard and decided, readable, and without a token. */
import type { TaskwireError } from "./errors.ts";
import type { Write } from "./optimistic.ts";
import type { Event, State } from "./state.ts";

export type DebugOption = boolean | ((line: string) => void);

export interface Debug {
  /** The text of a frame, as it goes over the wire. */
  sent(text: string): void;
  heard(text: string): void;
  moved(before: State, event: Event, after: State): void;
  refused(write: Write, error: TaskwireError): void;
}

/** Characters of a frame that are shown. */
const lineMost = 500;

const silent: Debug = { sent() {}, heard() {}, moved() {}, refused() {} };

/** Silent unless it is asked for. */
export function createDebug(option: DebugOption = false): Debug {
  if (!option) return silent;
  const say = typeof option === "function" ? option : (line: string) => console.debug(`taskwire ${line}`);
  return {
    sent: (text) => say(`→ ${readable(text)}`),
    heard: (text) => say(`← ${readable(text)}`),
    moved(before, event, after) {
      const cause = event.type === "lost" ? `lost ${event.code}` : event.type;
      if (before.name !== after.name) say(`${before.name} → ${after.name} (${cause})`);
    },
    refused: ({ event, mutationId }, { code, message }) => say(`✗ ${event} ${mutationId}: ${code}, ${message}`),
  };
}

/** Name first, then the rest; a token's place is marked. */
function readable(text: string): string {
  try {
    const { event, ...rest }: { event?: string } = JSON.parse(text);
    const data = JSON.stringify(rest, (key, value) => (key === "token" ? "…" : value));
    return `${event ?? "answer"} ${data.length > lineMost ? `${data.slice(0, lineMost)}…` : data}`;
  } catch {
    return `${text.length} characters that are no JSON`;
  }
}
