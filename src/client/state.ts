/**
 * The connection as a pure state machine: what is, what happened → what is now, what to do. Every state has an entry for
 * every event: a hole does not compile. Time, chance and sockets live in connection.ts.
 */
import type { closeCodes } from "../protocol/errors.ts";

interface States {
  /** Not started, or ended by the application. */
  stopped: object;
  /** Getting the token, or asking whether the session is still good. `attempt` counts failures since it was last live. */
  authorizing: { readonly attempt: number };
  /** The socket opens; `connected` was not heard yet. */
  opening: { readonly attempt: number };
  /** Connected; at least one room is behind. */
  catching_up: { readonly attempt: number };
  live: object;
  /** Until the next try. A `firm` wait was asked for by the server: nothing shortens it. */
  waiting: { readonly attempt: number; readonly firm: boolean };
  /** The server does not want this client back, or the client cannot prove who it is. */
  refused: { readonly reason: Refusal };
}

export type Refusal = "unauthenticated" | "revoked" | "bad_protocol";

interface Events {
  start: object;
  authorized: { readonly token: string | undefined };
  /** No answer, or one that may be better later. */
  authorization_failed: object;
  authorization_refused: object;
  /** The frame `connected` came. */
  welcomed: object;
  /** Every room is at its head. */
  caught_up: object;
  /** A room found a gap, or a new room is being joined. */
  fell_behind: object;
  /** The socket closed or fell silent; `code` as in S9. A server that restarts says over how long to come back: 0 if not. */
  lost: { readonly code: number; readonly spreadMs: number };
  retry_due: object;
  /** The network came back, or the page became visible. */
  nudged: object;
  stop: object;
}

export type StateName = keyof States;
export type EventName = keyof Events;
type Named<Name extends StateName> = { readonly name: Name } & States[Name];
type Typed<Name extends EventName> = { readonly type: Name } & Events[Name];
export type State = { [Name in StateName]: Named<Name> }[StateName];
export type Event = { [Name in EventName]: Typed<Name> }[EventName];

export type Effect =
  /** `fresh`: whatever proof is at hand was refused. Answered by an `authoriz…` event. */
  | { readonly do: "authorize"; readonly fresh: boolean }
  | { readonly do: "open"; readonly token: string | undefined }
  /** Close and forget the socket. */
  | { readonly do: "drop" }
  /** Answered by `retry_due`. */
  | { readonly do: "wait"; readonly attempt: number; readonly leastMs: number; readonly spreadMs: number }
  | { readonly do: "cancel_wait" }
  /** Bring every room to its head. Answered by `caught_up`. */
  | { readonly do: "catch_up" }
  /** Send the writes that wait. */
  | { readonly do: "replay" }
  /** Ask the server for a sign of life. */
  | { readonly do: "probe" };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

type Row<S extends StateName> = { readonly [E in EventName]: (state: Named<S>, event: Typed<E>) => Step };
export type Table = { readonly [S in StateName]: Row<S> };

// The protocol's table comes with the validator, so the numbers stand here again; the type keeps them equal.
const codes: typeof closeCodes = {
  badProtocol: 4400,
  unauthenticated: 4401,
  revoked: 4403,
  slowConsumer: 4408,
  flooding: 4429,
  restart: 1012,
  tooLarge: 1009,
};

/** After 4429 a client stays away at least so long; after 1009 too, for it may send the same frame again. */
const backOffMs = 5000;

const go = (state: State, ...effects: Effect[]): Step => ({ state, effects });
const stay = (state: State): Step => ({ state, effects: [] });
const stop = (): Step => go({ name: "stopped" }, { do: "drop" });
const authorize = (attempt: number, fresh: boolean): Step =>
  go({ name: "authorizing", attempt }, { do: "authorize", fresh });
const wait = (attempt: number, spreadMs = 0): Step =>
  go({ name: "waiting", attempt, firm: false }, { do: "drop" }, { do: "wait", attempt, leastMs: 0, spreadMs });

/** What a close code asks for (S9). `failures` counts the tries since the connection was last live, this one included. */
function obey({ code, spreadMs }: Events["lost"], failures: number): Step {
  switch (code) {
    case codes.unauthenticated: {
      // Once at once with a new proof; if that is refused too, more slowly.
      if (failures > 2) return wait(failures);
      const next = authorize(failures, true);
      return { state: next.state, effects: [{ do: "drop" }, ...next.effects] };
    }
    case codes.revoked:
      return go({ name: "refused", reason: "revoked" }, { do: "drop" });
    case codes.badProtocol:
      return go({ name: "refused", reason: "bad_protocol" }, { do: "drop" });
    case codes.flooding:
    case codes.tooLarge: {
      const waiting: State = { name: "waiting", attempt: failures, firm: true };
      return go(waiting, { do: "drop" }, { do: "wait", attempt: failures, leastMs: backOffMs, spreadMs });
    }
    default:
      return wait(failures, spreadMs);
  }
}

export const table: Table = {
  stopped: {
    start: () => authorize(0, false),
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: stay,
    caught_up: stay,
    fell_behind: stay,
    lost: stay,
    retry_due: stay,
    nudged: stay,
    stop: stay,
  },
  authorizing: {
    start: stay,
    authorized: ({ attempt }, { token }) => go({ name: "opening", attempt }, { do: "open", token }),
    authorization_failed: ({ attempt }) => wait(attempt + 1),
    authorization_refused: () => go({ name: "refused", reason: "unauthenticated" }),
    welcomed: stay,
    caught_up: stay,
    fell_behind: stay,
    lost: stay,
    retry_due: stay,
    nudged: stay,
    stop,
  },
  opening: {
    start: stay,
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: ({ attempt }) => go({ name: "catching_up", attempt }, { do: "catch_up" }, { do: "replay" }),
    caught_up: stay,
    fell_behind: stay,
    lost: ({ attempt }, event) => obey(event, attempt + 1),
    retry_due: stay,
    nudged: stay,
    stop,
  },
  catching_up: {
    start: stay,
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: stay,
    caught_up: () => go({ name: "live" }),
    fell_behind: stay,
    lost: ({ attempt }, event) => obey(event, attempt + 1),
    retry_due: stay,
    nudged: (state) => go(state, { do: "probe" }),
    stop,
  },
  live: {
    start: stay,
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: stay,
    caught_up: stay,
    fell_behind: () => go({ name: "catching_up", attempt: 0 }),
    lost: (_, event) => obey(event, 0),
    retry_due: stay,
    nudged: (state) => go(state, { do: "probe" }),
    stop,
  },
  waiting: {
    start: stay,
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: stay,
    caught_up: stay,
    fell_behind: stay,
    lost: stay,
    retry_due: ({ attempt }) => authorize(attempt, attempt > 0),
    nudged: (state) => {
      if (state.firm) return stay(state);
      const next = authorize(state.attempt, state.attempt > 0);
      return { state: next.state, effects: [{ do: "cancel_wait" }, ...next.effects] };
    },
    stop: () => go({ name: "stopped" }, { do: "cancel_wait" }),
  },
  refused: {
    start: () => authorize(0, true),
    authorized: stay,
    authorization_failed: stay,
    authorization_refused: stay,
    welcomed: stay,
    caught_up: stay,
    fell_behind: stay,
    lost: stay,
    retry_due: stay,
    nudged: stay,
    stop: () => go({ name: "stopped" }),
  },
};

export const initialState: State = { name: "stopped" };

/** Looks up the cell and applies it. Pure. */
export function step<S extends StateName, E extends EventName>(state: Named<S>, event: Typed<E>): Step {
  const row: Row<S> = table[state.name];
  return row[event.type](state, event);
}

/** What people are told. */
export type ConnectionState = "connecting" | "live" | "catching_up" | "offline";

const shown = {
  stopped: "offline",
  authorizing: "connecting",
  opening: "connecting",
  catching_up: "catching_up",
  live: "live",
  waiting: "offline",
  refused: "offline",
} as const satisfies Record<StateName, ConnectionState>;

export const shownState = (state: State): ConnectionState => shown[state.name];
