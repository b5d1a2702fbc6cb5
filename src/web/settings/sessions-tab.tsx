/** Where one is signed in, and what is connected at this moment. */
import { useSignal } from "@preact/signals";
import type { z } from "zod";
import type { AccountSession } from "../../protocol/accounts.ts";
import { useAction } from "../action.ts";
import { confirmWith } from "../confirm.tsx";
import { notify } from "../notices.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Connections } from "./connections.tsx";
import { deviceOf } from "./device.ts";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";

const words = texts.settings.sessions;

type Session = z.infer<typeof AccountSession>;
interface Sessions {
  readonly all: readonly Session[];
  /** The id of this window's. */
  readonly own: string | undefined;
}

export function SessionsTab({ client, me }: TabProps) {
  const loaded = useLoaded<Sessions>(async () => {
    const [all, here] = await Promise.all([
      client.rest.request<Session[]>("GET", "/api/auth/list-sessions"),
      client.rest.request<{ session: Session } | null>("GET", "/api/auth/get-session"),
    ]);
    return { all: [...all].sort((one, other) => other.updatedAt.localeCompare(one.updatedAt)), own: here?.session.id };
  });
  return (
    <>
      <section class="section" aria-labelledby="sessions-title">
        <Show loaded={loaded}>
          {(sessions) => <SessionList client={client} sessions={sessions} reload={loaded.reload} />}
        </Show>
      </section>
      {me.role === "admin" && <Connections client={client} me={me} />}
    </>
  );
}

interface ListProps extends Pick<TabProps, "client"> {
  readonly sessions: Sessions;
  readonly reload: () => Promise<void>;
}

function SessionList({ client, sessions: { all, own }, reload }: ListProps) {
  const action = useAction();
  const ending = useSignal<string | null>(null);
  const end = async (session: Session) => {
    ending.value = session.id;
    const body = { token: session.token };
    const ended = await action.run(() => client.rest.request("POST", "/api/auth/revoke-session", body));
    if (ended) notify({ text: words.ended });
    await reload();
  };
  const endOthers = async () => {
    const { endOthersTitle: title, endOthersHint: text, endOthers: confirmText } = words;
    if (!(await confirmWith({ title, text, confirmText, danger: true }))) return;
    if (await action.run(() => client.rest.request("POST", "/api/auth/revoke-other-sessions", {})))
      notify({ text: words.othersEnded });
    await reload();
  };
  const first = [...all].sort((one, other) => Number(other.id === own) - Number(one.id === own));
  return (
    <>
      <div class="section-head">
        <h2 id="sessions-title">{words.title}</h2>
        <span class="spring" />
        {all.length > 1 && (
          <Button kind="danger" onClick={() => void endOthers()}>
            {words.endOthers}
          </Button>
        )}
      </div>
      <Problem text={action.problem} />
      <ul class="rows" aria-labelledby="sessions-title">
        {first.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            own={session.id === own}
            busy={action.busy && ending.value === session.id}
            end={() => void end(session)}
          />
        ))}
      </ul>
    </>
  );
}

interface RowProps {
  readonly session: Session;
  readonly own: boolean;
  readonly busy: boolean;
  readonly end: () => void;
}

function SessionRow({ session, own, busy, end }: RowProps) {
  const device = deviceOf(session.userAgent);
  return (
    <li class="row-item">
      <Icon name="device" />
      <div class="row-words">
        <strong>
          {device} {own && <Badge tone="good">{words.this}</Badge>}
        </strong>
        <span class="quiet" title={dateTime(session.createdAt)}>
          {[session.ipAddress, words.since(ago(session.createdAt)), words.used(ago(session.updatedAt))]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </div>
      {!own && (
        <Button size="small" busy={busy} aria-label={words.endOf(device)} onClick={end}>
          {words.end}
        </Button>
      )}
    </li>
  );
}
