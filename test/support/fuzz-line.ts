/** A connection that takes frame after frame, each followed by a ping that tells when it has been handled. */
import type { ClientFrameName } from "../../src/protocol/frames.ts";
import type { Credential } from "./fuzz-callers.ts";
import { judgeData, judgeError } from "./fuzz-oracle.ts";
import type { World } from "./fuzz-world.ts";

interface Answer {
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

/** Of a key that an input has deleted. */
const revokedCode = 4403;
/** Of a member who was removed and added in between, so that they resume without a hole (S9). */
const resumeCode = 4408;
const closedByUs = 1000;

/** Opens it; resolves when it is connected. Throws where it is not. */
export function openLine(world: World, credential: Credential, succeeded: (event: string) => void): Promise<Line> {
  const address = `${world.server.url.replace(/^http/, "ws")}/ws`;
  const socket = new WebSocket(address, ["taskwire.v1", `bearer.${credential.token}`]);
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
        const id = `f${++asked}`;
        waiting.push({ event, id, answers: [], settle });
        socket.send(text.replace('"@id"', `"${id}"`));
        socket.send(`{"id":"mark ${id}","event":"ping"}`);
      }),
    close() {
      over = true;
      socket.close(closedByUs);
    },
  };
  const hear = (text: string): void => {
    if (text.includes(world.canary)) leak = `strangers' things were told: ${text.slice(0, 500)}`;
    const frame: Answer = JSON.parse(text);
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
