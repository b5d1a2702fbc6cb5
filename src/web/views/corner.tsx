/** The truth in the corner: is what one sees what is? */
import type { Taskwire } from "../../client/index.ts";
import { useLive } from "../live.ts";
import { time } from "../texts/format.ts";
import { texts } from "../texts/index.ts";

const words = texts.live;

export function Corner({ client }: { readonly client: Taskwire }) {
  const state = useLive(client.connection.state);
  const since = useLive(client.connection.offlineSince);
  const waiting = useLive(client.waiting).length;
  // Between two tries it is still offline: "connecting" is for the first time.
  const offline = since !== null && state !== "live" && state !== "catching_up";
  const shown = offline ? words.since(time(since)) : words.states[state];
  // A change that is on its way over a live connection waits for nothing worth telling.
  const told = state !== "live" && waiting > 0 ? `${shown}, ${words.waiting(waiting)}` : shown;
  return (
    <p class="corner" role="status" data-state={offline ? "offline" : state}>
      {told}
    </p>
  );
}
