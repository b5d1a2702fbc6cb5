/**
 * The other nodes: who they are, telling them something, asking them something. Over the broker's casts, which may be lost,
 * doubled or mixed up: a question is asked again until it is answered, and carried out once.
 */
import type { Clock } from "../core/clock.ts";
import { createExpiry } from "./expiry.ts";
import { fitsPiece, joinPieces, splitPieces } from "./pieces.ts";

/** What is told without an answer. */
export type Told = "presence" | "typing" | "forget";
/** What is asked. */
export type Question = "presence" | "sessions" | "connections" | "message" | "broadcast";

export interface Answers {
  /** By node. */
  readonly answers: ReadonlyMap<string, string>;
  /** Nodes that were there and have not answered: what they would say is not known. */
  readonly missing: readonly string[];
  /** False while this node does not hear the broker: there may be nodes it does not know of. */
  readonly connected: boolean;
}

export interface AskOptions {
  /** These alone. */
  readonly of?: readonly string[];
  /** After such an answer the others are not waited for. */
  readonly enough?: (answer: string) => boolean;
}

export interface PeerListener {
  /** A node said that it is there, and at which position its presence stands. */
  hello(node: string, position: number): void;
  /** It stopped by itself (`bye`), or nothing was heard of it for some seconds. */
  gone(node: string, bye: boolean): void;
}

export interface Peers {
  /** This node's own id: of this run of the process. */
  readonly id: string;
  /** The others heard of lately. */
  live(): readonly string[];
  /** Those of the others that run jobs. */
  withJobs(): ReadonlySet<string>;
  /** Everything after it was said to the others counts from this position on. */
  listen(listener: PeerListener, position: () => number): void;
  tell(told: Told, data: string): void;
  heard(told: Told, hear: (node: string, data: string) => void): void;
  /** Asks all others. Settles when all have answered, at the latest after two seconds. Never throws. */
  ask(question: Question, data: string, options?: AskOptions): Promise<Answers>;
  /** How a question of another node is answered; at most once, however often it is heard. */
  answers(question: Question, answer: (data: string) => string | Promise<string>): void;
  /** May this be asked? A question is one cast. */
  fits(data: string): boolean;
  /** What was cast to `nodes`. */
  receive(text: string): void;
  start(): void;
  /** Casts may have been lost: says hello, and hears it from all. */
  recovered(): void;
  stop(): void;
}

export interface PeersOptions {
  readonly clock: Clock;
  /** To all other nodes; may be lost. */
  readonly cast: (text: string) => void;
  /** Does this node run jobs? */
  readonly jobs?: boolean;
  /** Does this node hear what is cast? */
  readonly connected: () => boolean;
  readonly failed: (error: unknown) => void;
}

type Message = { readonly n: string } & (
  | {
      readonly k: "hello";
      readonly p: number /** Say hello, too. */;
      readonly r?: true /** It runs jobs. */;
      readonly j?: true;
    }
  | { readonly k: "bye" }
  | { readonly k: "tell"; readonly t: Told; readonly d: string }
  | { readonly k: "ask"; readonly q: string; readonly a: Question; readonly of: readonly string[]; readonly d: string }
  | { readonly k: "answer"; readonly q: string; readonly i: number; readonly all: number; readonly d: string }
);
type Of<Kind extends Message["k"]> = Extract<Message, { k: Kind }>;

interface Asking {
  readonly waiting: Set<string>;
  readonly answers: Map<string, string>;
  readonly pieces: Map<string, Map<number, string>>;
  readonly enough: (answer: string) => boolean;
  readonly settle: () => void;
}

/** What a quiet node costs the broker: one small cast so often. */
const helloMs = 2_000;
/** A node not heard for so many hellos, 6 to 8 s, is gone: its people are offline within 10 s of its death. */
const silentHellos = 4;
/** A question is asked again of those that have not answered … */
const againMs = 500;
/** … until so often. */
const attempts = 4;
/** An answer given is given again, not made anew, for so long. */
const answeredMs = 10_000;

export function createPeers({ clock, cast, jobs = false, connected, failed }: PeersOptions): Peers {
  const id = Bun.randomUUIDv7();
  /** By node, the hello of ours after which it was heard last. Our ticks and no clock: one set anew ends nobody. */
  const peers = new Map<string, number>();
  const withJobs = new Set<string>();
  const tellers = new Map<Told, (node: string, data: string) => void>();
  const answerers = new Map<Question, (data: string) => string | Promise<string>>();
  const asking = new Map<string, Asking>();
  const answered = new Map<string, Promise<readonly string[]>>();
  const remembered = createExpiry<string>(clock, answeredMs, (question) => answered.delete(question));
  let listener: PeerListener = { hello: () => {}, gone: () => {} };
  let position = (): number => 0;
  let ticks = 0;
  let stopTicking = (): void => {};
  let greeting = false;

  const send = (message: Message): void => cast(JSON.stringify(message));
  const hello = (reply: boolean): void =>
    send({ n: id, k: "hello", p: position(), ...(reply && { r: true as const }), ...(jobs && { j: true as const }) });

  /** Those who ask together are greeted together. */
  const greetSoon = (): void => {
    if (greeting) return;
    greeting = true;
    queueMicrotask(() => {
      greeting = false;
      hello(false);
    });
  };

  const drop = (node: string, bye: boolean): void => {
    if (!peers.delete(node)) return;
    withJobs.delete(node);
    for (const one of asking.values()) if (one.waiting.delete(node) && one.waiting.size === 0) one.settle();
    listener.gone(node, bye);
  };

  const tick = (): void => {
    ticks++;
    hello(false);
    for (const [node, heardAt] of peers) {
      // Cut off itself, a node knows nothing of the others: they keep what they had, and their time begins anew after it.
      if (!connected()) peers.set(node, ticks);
      else if (ticks - heardAt >= silentHellos) drop(node, false);
    }
  };

  const answer = async ({ q, a, d }: Of<"ask">): Promise<void> => {
    const make = answerers.get(a);
    if (!make) return; // of a newer version: it takes no answer for one
    let pieces = answered.get(q);
    if (!pieces) {
      pieces = Promise.resolve(joinPieces([d]))
        .then(make)
        .then(splitPieces);
      answered.set(q, pieces);
      remembered.touch(q);
    }
    const all = await pieces;
    for (const [i, d] of all.entries()) send({ n: id, k: "answer", q, i, all: all.length, d });
  };

  const take = ({ n, q, i, all, d }: Of<"answer">): void => {
    const one = asking.get(q);
    if (!one || one.answers.has(n)) return;
    const pieces = one.pieces.get(n) ?? new Map<number, string>();
    one.pieces.set(n, pieces.set(i, d));
    if (pieces.size < all) return;
    const answer = joinPieces(Array.from({ length: all }, (_, at) => pieces.get(at) ?? ""));
    one.answers.set(n, answer);
    one.waiting.delete(n);
    if (one.waiting.size === 0 || one.enough(answer)) one.settle();
  };

  const receive = (message: Message): void => {
    const { n: node } = message;
    if (node === id) return;
    if (message.k === "bye") {
      drop(node, true);
      return;
    }
    const known = peers.has(node);
    peers.set(node, ticks);
    if (!known) greetSoon();
    if (message.k === "hello") {
      if (message.r) greetSoon();
      if (message.j) withJobs.add(node);
      listener.hello(node, message.p);
    } else if (message.k === "tell") tellers.get(message.t)?.(node, message.d);
    else if (message.k === "ask") {
      if (message.of.includes(id)) void answer(message).catch(failed);
    } else if (message.k === "answer") take(message);
  };

  return {
    id,
    live: () => [...peers.keys()],
    withJobs: () => withJobs,
    listen(to, from) {
      listener = to;
      position = from;
    },
    tell(told, data) {
      if (peers.size > 0) send({ n: id, k: "tell", t: told, d: data });
    },
    heard: (told, hear) => void tellers.set(told, hear),
    async ask(question, data, { of = [...peers.keys()], enough = () => false } = {}) {
      const waiting = new Set(of.filter((node) => peers.has(node)));
      const answers = new Map<string, string>();
      if (waiting.size === 0) return { answers, missing: [], connected: connected() };
      const q = Bun.randomUUIDv7();
      const [d = ""] = splitPieces(data);
      const { promise, resolve } = Promise.withResolvers<void>();
      asking.set(q, { waiting, answers, pieces: new Map(), enough, settle: resolve });
      const say = (): void => send({ n: id, k: "ask", q, a: question, of: [...waiting], d });
      let left = attempts;
      const stopAsking = clock.setInterval(() => (--left > 0 ? say() : resolve()), againMs);
      say();
      await promise;
      stopAsking();
      asking.delete(q);
      return { answers, missing: [...waiting], connected: connected() };
    },
    answers: (question, make) => void answerers.set(question, make),
    fits: fitsPiece,
    receive(text) {
      try {
        const message: Message = JSON.parse(text);
        receive(message);
      } catch (error) {
        failed(error); // of another version, perhaps
      }
    },
    start() {
      hello(true);
      stopTicking = clock.setInterval(tick, helloMs);
    },
    recovered: () => hello(true),
    stop() {
      stopTicking();
      remembered.stop();
      for (const one of asking.values()) one.settle();
      send({ n: id, k: "bye" });
    },
  };
}
