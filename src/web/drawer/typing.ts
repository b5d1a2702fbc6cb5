/** Telling others that one types. */
import { useEffect, useRef } from "preact/hooks";
import type { Opened } from "./context.ts";

/** Says that this person types, and that it ended when the component goes. */
export function useTyping({ board: { store }, task }: Pick<Opened, "board" | "task">) {
  const latest = useRef(store);
  latest.current = store;
  const { id } = task;
  useEffect(() => () => latest.current.setTyping(id, false), [id]);
  return (isTyping: boolean) => store.setTyping(id, isTyping);
}
