/** All that concerned oneself, live; and what was put away or hidden until later. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Taskwire } from "../../client/index.ts";
import { loadPage, type Page } from "../../client/loading.ts";
import type { Notification, NotificationCategory } from "../../protocol/notifications.ts";
import { useLive } from "../live.ts";
import { watch } from "../notices.ts";
import { Show, useLoaded } from "../settings/load.tsx";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { PageHead } from "../views/page-head.tsx";
import { Entry } from "./entry.tsx";

const words = texts.inbox;
const views = ["inbox", "unread", "snoozed", "archived"] as const;
type View = (typeof views)[number];
type Category = NotificationCategory | "all";

interface Props {
  readonly client: Taskwire;
}

export function InboxView({ client }: Props) {
  const view = useSignal<View>("inbox");
  const category = useSignal<Category>("all");
  const unread = useLive(client.inbox.unread) ?? 0;
  const tabs = views.map((id) => ({ id, text: words.views[id], ...(id === "unread" && { count: unread }) }));
  return (
    <>
      <PageHead title={words.title}>
        <span class="spring" />
        <CategorySelect
          category={category.value}
          choose={(chosen) => {
            category.value = chosen;
          }}
        />
        <Button icon="check" disabled={unread === 0} onClick={() => watch(client.inbox.markAllRead())}>
          {words.markAll}
        </Button>
      </PageHead>
      <main class="inbox" id="content" tabIndex={-1}>
        <Tabs
          label={words.view}
          tabs={tabs}
          selected={view.value}
          onSelect={(id) => {
            view.value = id;
          }}
        >
          {view.value === "inbox" || view.value === "unread" ? (
            <LiveEntries client={client} view={view.value} category={category.value} />
          ) : (
            <KeptEntries key={view.value} client={client} view={view.value} category={category.value} />
          )}
        </Tabs>
      </main>
    </>
  );
}

function CategorySelect({
  category,
  choose,
}: {
  readonly category: Category;
  readonly choose: (one: Category) => void;
}) {
  const names = Object.entries(words.categories);
  return (
    <select
      class="input category-select"
      aria-label={words.category}
      value={category}
      onChange={(event) => {
        const { value } = event.currentTarget;
        choose(isCategory(value) ? value : "all");
      }}
    >
      <option value="all">{words.allCategories}</option>
      {names.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

const isCategory = (text: string): text is NotificationCategory => Object.hasOwn(words.categories, text);

interface ListProps extends Props {
  readonly view: View;
  readonly category: Category;
}

function LiveEntries({ client, view, category }: ListProps) {
  const { list } = client.inbox;
  const entries = useLive(list.items);
  const hasMore = useLive(list.hasMore);
  const busy = useSignal(false);
  if (entries === null) return <Skeleton lines={5} />;
  const more = () => {
    busy.value = true;
    watch(
      list.loadMore().finally(() => {
        busy.value = false;
      }),
    );
  };
  return (
    <Entries
      client={client}
      view={view}
      entries={entries.filter((entry) => fits(entry, category) && (view === "inbox" || entry.read_at === null))}
    >
      {hasMore && (
        <Button busy={busy.value} onClick={more}>
          {words.more}
        </Button>
      )}
    </Entries>
  );
}

/** Not part of the live inbox: asked for when it is looked at. */
function KeptEntries({ client, view, category }: ListProps) {
  const loaded = useLoaded(() =>
    loadPage<Page<Notification>>(client.rest, "/api/notifications", null, { [view]: "true", limit: "100" }),
  );
  return (
    <Show loaded={loaded}>
      {({ items }) => <Entries client={client} view={view} entries={items.filter((entry) => fits(entry, category))} />}
    </Show>
  );
}

const fits = (entry: Notification, category: Category): boolean => category === "all" || entry.category === category;

interface EntriesProps extends Props {
  readonly view: View;
  readonly entries: readonly Notification[];
  readonly children?: ComponentChildren;
}

function Entries({ client, view, entries, children }: EntriesProps) {
  const { title, hint } = words.empty[view];
  return (
    <>
      {entries.length === 0 && <EmptyState icon="inbox" title={title} text={hint} />}
      <ul class="entries" aria-label={words.views[view]}>
        {entries.map((entry) => (
          <Entry key={entry.id} client={client} entry={entry} />
        ))}
      </ul>
      {children}
    </>
  );
}
