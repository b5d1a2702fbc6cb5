/** The connection's shell: sockets, timers and chance around the pure machine of state.ts. */

import type { ServerFrame } from "../protocol/event.ts";
import type { ClientFrameName, FrameAnswer, FrameInput } from "../protocol/frames.ts";
import type { Connected } from "../protocol/sessions.ts";
import { backoffMs } from "./backoff.ts";
import type { CancelTimer, Clock } from "./clock.ts";
import type { Debug } from "./debug.ts";
import { networkError, TaskwireError } from "./errors.ts";
import { createLiveness } from "./liveness.ts";
import { createCell, type Observable } from "./observable.ts";
import { createRequests, parseFrame } from "./requests.ts";
import { type OpenSocket, openSocket, type SocketConstructor } from "./socket.ts";
import {
  type ConnectionState,
  type Effect,
  type Event,
  initialState,
  type Refusal,
  type State,
  shownState,
  step,
} from "./state.ts";

export interface ConnectionOptions {
  /** Of the socket: `wss://host/ws`. */
  readonly url: string;
  readonly WebSocket: SocketConstructor;
  readonly clock: Clock;
  /** From [0, 1). */
  readonly random: () => number;
  readonly debug: Debug;
  /** Answers the token for the handshake, undefined where a cookie speaks; throws `unauthenticated` where there is none. */
  readonly authorize: (fresh: boolean) => Promise<string | undefined>;
  readonly hooks: ConnectionHooks;
}

export interface ConnectionHooks {
  readonly welcomed: (connected: Connected) => void;
  /** Bring the rooms to their heads, then call `caughtUp`. */
  readonly catchUp: () => void;
  readonly replay: () => void;
  readonly lost: () => void;
  /** A frame that is no answer. */
  readonly frame: (frame: ServerFrame) => void;
}

export interface Connection {
  readonly state: Observable<ConnectionState>;
  /** Milliseconds since 1970; null while live or before the first try. */
  readonly offlineSince: Observable<number | null>;
  /** Why the client stays away; null while it does not. */
  readonly refusal: Observable<Refusal | null>;
  start(): void;
  stop(): void;
  /** Sends a frame and answers its answer. Throws TaskwireError; `network` where the connection ended before. */
  request<Name extends ClientFrameName>(event: Name, data: FrameInput<Name>): Promise<FrameAnswer<Name>>;
  /** The network came back, the page became visible, or there is doubt: try now, or ask for a sign of life. */
  nudge(): void;
  caughtUp(): void;
  fellBehind(): void;
}

/** From the first byte to `connected`. */
const openingMs = 15_000;
const silent: Event = { type: "lost", code: 1006, spreadMs: 0 };
const spreadMostMs = 120_000;

/** A server that restarts with many clients tells them over how long to spread their return: `jitter_ms=…`. */
const spreadOf = (reason: string): number => Math.min(spreadMostMs, Number(/\bjitter_ms=(\d+)/.exec(reason)?.[1] ?? 0));

export function createConnection(options: ConnectionOptions): Connection {
  const { clock, debug, hooks } = options;
  const shown = createCell<ConnectionState>(shownState(initialState));
  const offlineSince = createCell<number | null>(null);
  const refusal = createCell<Refusal | null>(null);
  const requests = createRequests();
  let state: State = initialState;
  let socket: OpenSocket | undefined;
  let cancelTimer: CancelTimer = () => {};
  // An answer to an older question (a token asked for before `stop`) must not move the machine.
  let question = 0;
  const liveness = createLiveness(
    clock,
    () => request("ping", {}),
    () => dispatch(silent),
  );

  const dispatch = (event: Event): void => {
    const before = state;
    const next = step(before, event);
    state = next.state;
    debug.moved(before, event, state);
    if (before.name !== state.name) show();
    for (const effect of next.effects) perform(effect);
  };

  const show = (): void => {
    refusal.set(state.name === "refused" ? state.reason : null);
    const next = shownState(state);
    if (next === "live") offlineSince.set(null);
    else if (next === "offline" && offlineSince.value === null) offlineSince.set(clock.now());
    shown.set(next);
  };

  const perform = (effect: Effect): void => {
    switch (effect.do) {
      case "authorize":
        void authorize(effect.fresh);
        break;
      case "open":
        open(effect.token);
        break;
      case "drop":
        drop();
        break;
      case "wait":
        wait(backoffMs(effect.attempt, options.random(), effect.leastMs, effect.spreadMs));
        break;
      case "cancel_wait":
        cancelTimer();
        break;
      case "catch_up":
        hooks.catchUp();
        break;
      case "replay":
        hooks.replay();
        break;
      case "probe":
        liveness.probe();
        break;
    }
  };

  const wait = (delayMs: number): void => {
    cancelTimer = clock.setTimeout(() => dispatch({ type: "retry_due" }), delayMs);
  };

  const authorize = async (fresh: boolean): Promise<void> => {
    const own = ++question;
    const event = await options.authorize(fresh).then(
      (token): Event => ({ type: "authorized", token }),
      (error): Event => ({ type: isRefusal(error) ? "authorization_refused" : "authorization_failed" }),
    );
    if (own === question) dispatch(event);
  };

  const open = (token: string | undefined): void => {
    cancelTimer = clock.setTimeout(() => dispatch(silent), openingMs);
    const opened = openSocket(options.WebSocket, options.url, token, {
      message: (text) => receive(text),
      closed: (code, reason) => dispatch({ type: "lost", code, spreadMs: spreadOf(reason) }),
    });
    socket = {
      send(text) {
        debug.sent(text);
        opened.send(text);
      },
      close: opened.close,
    };
  };

  const drop = (): void => {
    question++;
    cancelTimer();
    liveness.stop();
    socket?.close();
    socket = undefined;
    requests.fail(networkError("the connection was lost"));
    hooks.lost();
  };

  const receive = (text: string): void => {
    liveness.heard();
    debug.heard(text);
    const frame = parseFrame(text);
    if (!frame) return;
    if ("ok" in frame) {
      requests.answer(frame);
      return;
    }
    if (frame.event === "connected") welcome(frame);
    hooks.frame(frame);
  };

  const welcome = (frame: ServerFrame): void => {
    // The data of a frame is the one its name has in the catalogue.
    const connected = frame.data as Connected;
    cancelTimer();
    liveness.start(connected.heartbeat_seconds * 1000);
    hooks.welcomed(connected);
    dispatch({ type: "welcomed" });
  };

  const request = <Name extends ClientFrameName>(event: Name, data: FrameInput<Name>): Promise<FrameAnswer<Name>> => {
    if (!socket || (state.name !== "live" && state.name !== "catching_up")) return Promise.reject(networkError());
    return requests.send(socket, event, data);
  };

  return {
    state: shown,
    offlineSince,
    refusal,
    start: () => dispatch({ type: "start" }),
    stop: () => dispatch({ type: "stop" }),
    request,
    nudge: () => dispatch({ type: "nudged" }),
    caughtUp: () => dispatch({ type: "caught_up" }),
    fellBehind: () => dispatch({ type: "fell_behind" }),
  };
}

const isRefusal = (error: unknown): boolean => error instanceof TaskwireError && error.code === "unauthenticated";
