/** A connection that takes frame after frame, each followed by a ping that tells when it has been handled. */
import type { ClientFrameName } from "../../src/protocol/frames.ts";
import type { Credential } from "./fuzz-callers.ts";
import { judgeData, judgeError } from "./fuzz-oracle.ts";
import type { World } from "./fuzz-world.ts";

export interface Answer {
  readonly id?: unknown;
  readonly ok?: boolean;
  readonly data?: unknown;
  readonly error?: unknown;
  readonly event?: string;
  readonly room?: string;
}

interface Waiting {
  readonly event: ClientFrameName | undefined;
  readonly id: string;
  readonly answers: Answer[];
  readonly settle: (problem: string | undefined) => void;
}

export interface Line {
  /** Sends a frame's text (`@id` is replaced by one of its own); answers what is wrong about what came back. */
  send(event: ClientFrameName | undefined, text: string): Promise<string | undefined>;
  readonly open: boolean;
  close(): void;
}

/** How a line spells the frames it says, and reads what it hears. */
export interface Speech {
  readonly path: string;
  readonly protocols: (token: string) => string[];
  /** The `count`th frame, from its text. */
  frame(text: string, count: number): string;
  /** The ping behind it. */
  mark(count: number): string;
  /** Undefined: nothing that a frame was answered with. `say` answers for the line itself. */
  read(text: string, token: string, say: (text: string) => void): Answer | undefined;
}

const native: Speech = {
  path: "/ws",
  protocols: (token) => ["taskwire.v1", `bearer.${token}`],
  frame: (text, count) => text.replace('"@id"', `"f${count}"`),
  mark: (count) => `{"id":"mark f${count}","event":"ping"}`,
  read: (text) => JSON.parse(text),
};

/** As packets of Socket.IO: frames have even numbers, marks odd ones. */
export const socketIoSpeech: Speech = {
  path: "/socket.io/?EIO=4&transport=websocket",
  protocols: () => [],
  frame(text, count) {
    const [, event = "", data = ""] = /^\{"id":"@id","event":"(\w+)"(?:,"data":(.*))?\}$/s.exec(text) ?? [];
    return `42${2 * count}["${event}"${data && `,${data}`}]`;
  },
  mark: (count) => `42${2 * count + 1}["ping"]`,
  read(text, token, say) {
    if (text === "2") say("3");
    else if (text.startsWith("0")) say(`40${JSON.stringify({ token })}`);
    const [, id, answer] = /^43(\d+)\[(.*)\]$/s.exec(text) ?? [];
    if (id !== undefined && answer !== undefined)
      return { id: `${Number(id) % 2 ? "mark " : ""}f${Number(id) >> 1}`, ...JSON.parse(answer) };
    if (!text.startsWith("42")) return undefined;
    const [event, { _meta, ...data }] = JSON.parse(text.slice(2));
    return { event, data };
  },
};

/** Of a key that an input has deleted. */
const revokedCode = 4403;
/** Of a member who was removed and added in between, so that they resume without a hole (S9). */
const resumeCode = 4408;
const closedByUs = 1000;

/** Opens it; resolves when it is connected. Throws where it is not. */
export function openLine(
  world: World,
  credential: Credential,
  succeeded: (event: string) => void,
  speech = native,
): Promise<Line> {
  const { token } = credential;
  const socket = new WebSocket(world.server.url.replace(/^http/, "ws") + speech.path, speech.protocols(token));
  const waiting: Waiting[] = [];
  const connected = Promise.withResolvers<Line>();
  let asked = 0;
  let over = false;
  let leak: string | undefined;

  const line: Line = {
    get open() {
      return !over;
    },
    send: (event, text) =>
      new Promise((settle) => {
        if (over) return settle(undefined);
        waiting.push({ event, id: `f${++asked}`, answers: [], settle });
        socket.send(speech.frame(text, asked));
        socket.send(speech.mark(asked));
      }),
    close() {
      over = true;
      socket.close(closedByUs);
    },
  };
  const hear = (text: string): void => {
    if (text.includes(world.canary)) leak = `strangers' things were told: ${text.slice(0, 500)}`;
    const frame = speech.read(text, token, (answer) => socket.send(answer));
    if (!frame) return;
    if (frame.event === "connected" && !("ok" in frame)) connected.resolve(line);
    const head = waiting[0];
    if (!head) return;
    if (frame.id === `mark ${head.id}`) {
      waiting.shift();
      if (head.event !== undefined && head.answers[0]?.ok) succeeded(head.event);
      head.settle(leak ?? judge(head));
    } else if ("ok" in frame || frame.event === "error" || frame.event === "pong") head.answers.push(frame);
  };
  socket.addEventListener("message", ({ data }) => hear(String(data)));
  socket.addEventListener("close", ({ code, reason }) => {
    const rejoined = code === resumeCode && reason.startsWith("joined again");
    const expected = over || rejoined || (code === revokedCode && credential.token.startsWith("tw_"));
    over = true;
    connected.reject(new Error(`not connected: ${code} ${reason}`));
    const [head, ...others] = waiting.splice(0);
    head?.settle(expected ? undefined : `the connection was closed with ${code} ${reason}`);
    for (const { settle } of others) settle(undefined);
  });
  return connected.promise;
}

/** One answer for a frame with an id; one at most for any other. */
function judge({ event, id, answers }: Waiting): string | undefined {
  const [answer, ...more] = answers;
  if (more.length > 0) return `answered more than once: ${JSON.stringify(answers).slice(0, 500)}`;
  if (event !== undefined && answer?.id !== id) return `not answered but with ${JSON.stringify(answer)}`;
  if (!answer) return undefined;
  if (answer.event === "pong") return undefined;
  if (answer.event === "error") return judgeError(answer.data);
  if (answer.ok === false) return judgeError(answer.error);
  return event && judgeData(event, answer.data);
}
