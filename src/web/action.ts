/** A write that somebody waits for: is it under way, and what was wrong with it, in words and by field. */
import { useSignal } from "@preact/signals";
import { TaskwireError } from "../client/index.ts";
import { reasonOf } from "./notices.ts";

export interface Action {
  readonly busy: boolean;
  /** What was wrong with the whole of it. */
  readonly problem: string | undefined;
  /** What was wrong with one of the `fields`. */
  readonly problemOf: (field: string) => string | undefined;
  /** Runs it unless one is under way; answers whether it succeeded. */
  readonly run: (act: () => Promise<unknown>) => Promise<boolean>;
  readonly clear: () => void;
}

interface Options {
  /** Names of the wire that the form shows problems beside. */
  readonly fields?: readonly string[];
  /** Words of the page for an error; undefined: the server's. */
  readonly words?: (error: TaskwireError) => string | undefined;
}

interface Failure {
  readonly problem?: string;
  readonly byField: ReadonlyMap<string, string>;
}

const none: Failure = { byField: new Map() };

export function useAction({ fields = [], words }: Options = {}): Action {
  const busy = useSignal(false);
  const failure = useSignal<Failure>(none);
  const run = async (act: () => Promise<unknown>): Promise<boolean> => {
    if (busy.peek()) return false;
    busy.value = true;
    failure.value = none;
    try {
      await act();
      return true;
    } catch (error) {
      failure.value = failureOf(error, fields, words);
      return false;
    } finally {
      busy.value = false;
    }
  };
  return {
    busy: busy.value,
    problem: failure.value.problem,
    problemOf: (field) => failure.value.byField.get(field),
    run,
    clear: () => {
      failure.value = none;
    },
  };
}

function failureOf(error: unknown, fields: readonly string[], words: Options["words"]): Failure {
  const reason = reasonOf(error);
  const byField = new Map<string, string>();
  if (!(error instanceof TaskwireError)) return { problem: reason, byField };
  const own = words?.(error);
  if (own !== undefined) return { problem: own, byField };
  for (const { path, message } of error.extras.errors ?? []) {
    if (fields.includes(path) && !byField.has(path)) byField.set(path, sentence(message));
  }
  return byField.size > 0 ? { byField } : { problem: sentence(reason), byField };
}

/** The server's words as a sentence: it writes them without a capital and a full stop. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? "" : "."}`;
