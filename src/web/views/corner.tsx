/** The truth in the corner: is what one sees what is? Pressed, it says what that means and what waits to be sent. */
import { useRef, useState } from "preact/hooks";
import type { ConnectionState, Taskwire, Write } from "../../client/index.ts";
import { useLive } from "../live.ts";
import { time } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Popover } from "../ui/popover.tsx";

const words = texts.live;

interface Truth {
  readonly state: ConnectionState;
  readonly text: string;
  readonly waiting: readonly Write[];
}

function useTruth(client: Taskwire): Truth {
  const now = useLive(client.connection.state);
  const since = useLive(client.connection.offlineSince);
  const waiting = useLive(client.waiting);
  const missing = useLive(client.connection.missing);
  // Between two tries it is still offline: "connecting" is for the first time.
  const state = now === "connecting" && since !== null ? "offline" : now;
  return { state, waiting, text: textOf(state, since, waiting.length, missing) };
}

function textOf(state: ConnectionState, since: number | null, waiting: number, missing: number): string {
  // A change that is on its way over a live connection waits for nothing worth telling.
  if (state === "live") return words.states.live;
  // Events still to come, and changes still to go.
  if (state === "catching_up")
    return missing + waiting > 0 ? words.catchingUp(missing + waiting) : words.states.catching_up;
  const shown = state === "offline" && since !== null ? words.since(time(since)) : words.states[state];
  return waiting > 0 ? words.offlineWaiting(shown, words.waiting(waiting)) : shown;
}

export function Corner({ client }: { readonly client: Taskwire }) {
  const truth = useTruth(client);
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <div role="status" class="corner-status">
        <button
          ref={button}
          type="button"
          class="corner"
          data-state={truth.state}
          title={words.means[truth.state]}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen((was) => !was)}
        >
          {truth.text}
        </button>
      </div>
      {open && button.current && (
        <Popover anchor={button.current} label={words.title} class="corner-details" close={() => setOpen(false)}>
          <Details truth={truth} />
        </Popover>
      )}
    </>
  );
}

/** More than these are counted. */
const listed = 8;

function Details({ truth: { state, text, waiting } }: { readonly truth: Truth }) {
  return (
    <>
      <p class="corner-title">{text}</p>
      <p class="quiet">{words.means[state]}</p>
      {waiting.length === 0 ? (
        <p class="quiet">{words.nothingWaits}</p>
      ) : (
        <>
          <h3>{words.waits}</h3>
          <ul class="corner-list">
            {waiting.slice(0, listed).map((write) => (
              <WaitingView key={write.mutationId} write={write} />
            ))}
          </ul>
          {waiting.length > listed && <p class="quiet">{words.furtherWaiting(waiting.length - listed)}</p>}
        </>
      )}
    </>
  );
}

function WaitingView({ write }: { readonly write: Write }) {
  const title = titleOf(write);
  return (
    <li>
      <span class="corner-what">
        {words.writes[write.event]}
        {title !== undefined && <span class="quiet"> {title}</span>}
      </span>
      <time class="quiet" dateTime={new Date(write.madeAtMs).toISOString()}>
        {time(write.madeAtMs)}
      </time>
    </li>
  );
}

/** What was written in it, where that tells it apart. */
function titleOf(write: Write): string | undefined {
  if (write.event === "task_create" || write.event === "checklist_add") return write.data.title;
  if (write.event === "column_create" || write.event === "label_create") return write.data.name;
  if (write.event === "new_comment" || write.event === "comment_update") return write.data.content;
  return undefined;
}
