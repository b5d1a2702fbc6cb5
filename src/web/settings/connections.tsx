/** An administrator's own windows and programs that are connected now; everybody's stand in the administration. */
import { useEffect } from "preact/hooks";
import type { LiveSession } from "../../protocol/connections.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Icon } from "../ui/icon.tsx";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";

const words = texts.settings.sessions;
/** Connections come and go without an event that tells this page. */
const refreshMs = 10_000;

export function Connections({ client, me }: TabProps) {
  const loaded = useLoaded<readonly LiveSession[]>(async () => {
    const path = `/api/sessions?user_id=${me.id}&limit=200`;
    return (await client.rest.request<{ items: readonly LiveSession[] }>("GET", path)).items;
  });
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void reload();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <section class="section" aria-labelledby="connections-title">
      <div class="section-head">
        <h2 id="connections-title">{words.live}</h2>
        <p class="quiet">{words.liveHint}</p>
      </div>
      <Show loaded={loaded}>
        {(list) => (
          <ul class="rows" aria-labelledby="connections-title">
            {list.length === 0 && <li class="row-item quiet">{words.noLive}</li>}
            {list.map((connection) => (
              <ConnectionRow key={connection.session_id} connection={connection} />
            ))}
          </ul>
        )}
      </Show>
    </section>
  );
}

function ConnectionRow({ connection }: { readonly connection: LiveSession }) {
  const { kind, address, connected_at, rooms, transport } = connection;
  return (
    <li class="row-item">
      <Icon name={kind === "key" ? "keyboard" : "device"} />
      <div class="row-words">
        <strong>{words.kinds[kind]}</strong>
        <span class="quiet" title={dateTime(connected_at)}>
          {[address, words.connected(ago(connected_at)), words.rooms(rooms.length), transport]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
    </li>
  );
}
