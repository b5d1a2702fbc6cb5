/** The bell: how much is unread, and the latest of it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { follow, inboxPath } from "../route.ts";
import { texts } from "../texts/index.ts";
import { CountBadge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Popover } from "../ui/popover.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Entry } from "./entry.tsx";

const words = texts.inbox;
const most = 8;

export function Bell({ client }: { readonly client: Taskwire }) {
  const unread = useLive(client.inbox.unread) ?? 0;
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    open.value = false;
  };
  useEffect(() => {
    // Seen on the tab of a browser, too; after a view that came with this has named it.
    queueMicrotask(() => {
      const base = document.title.replace(/^\(\d+\) /, "");
      document.title = unread > 0 ? `(${unread}) ${base}` : base;
    });
  });
  return (
    <>
      <IconButton
        ref={button}
        icon="bell"
        label={words.bell(unread)}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.peek();
        }}
      >
        <CountBadge count={unread} />
      </IconButton>
      {open.value && button.current && (
        <Popover anchor={button.current} label={words.title} class="bell" close={close}>
          <Latest client={client} close={close} />
        </Popover>
      )}
    </>
  );
}

function Latest({ client, close }: { readonly client: Taskwire; readonly close: () => void }) {
  const entries = useLive(client.inbox.list.items);
  const unread = useLive(client.inbox.unread) ?? 0;
  return (
    <>
      <header class="bell-head">
        <strong>{words.title}</strong>
        <span class="spring" />
        {unread > 0 && (
          <Button size="small" kind="ghost" onClick={() => watch(client.inbox.markAllRead())}>
            {words.markAll}
          </Button>
        )}
      </header>
      {entries === null && <Skeleton lines={3} />}
      {entries?.length === 0 && (
        <EmptyState icon="bell" title={words.empty.inbox.title} text={words.empty.inbox.hint} />
      )}
      <ul class="entries">
        {entries?.slice(0, most).map((entry) => (
          <Entry key={entry.id} client={client} entry={entry} brief followed={close} />
        ))}
      </ul>
      <a
        class="bell-all"
        href={inboxPath}
        onClick={(event) => {
          follow(event);
          close();
        }}
      >
        {words.openAll}
      </a>
    </>
  );
}
