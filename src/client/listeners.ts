/** Who wants to hear which event. */
import type { EventData, EventName } from "../protocol/catalogue.ts";
import type { CustomEventData, CustomEventName } from "../protocol/custom-events.ts";
import type { ServerFrame } from "../protocol/event.ts";
import { callSafely } from "./observable.ts";

/** Calls `listener` with each event's data and frame. Durable events come once, in order, after the stores hold them. */
export interface On {
  <Name extends EventName>(event: Name, listener: (data: EventData<Name>, frame: ServerFrame) => void): () => void;
  /** Events of applications. */
  (event: CustomEventName, listener: (data: CustomEventData, frame: ServerFrame) => void): () => void;
}

export function createListeners() {
  const byEvent = new Map<string, Set<(frame: ServerFrame) => void>>();
  const on: On = (event: string, listener: (data: never, frame: ServerFrame) => void) => {
    const own = byEvent.get(event) ?? new Set();
    byEvent.set(event, own);
    // The data of a frame is the one its name has in the catalogue.
    const call = (frame: ServerFrame) => listener(frame.data as never, frame);
    own.add(call);
    return () => void own.delete(call);
  };
  const emit = (frame: ServerFrame): void => {
    for (const listener of [...(byEvent.get(frame.event) ?? [])]) callSafely(() => listener(frame));
  };
  return { on, emit };
}
