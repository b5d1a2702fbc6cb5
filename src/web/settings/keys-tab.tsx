/** API keys: made here, shown once, listed and deleted. */
import { useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import { loadAll } from "../../client/loading.ts";
import type { ApiKey, NewApiKey } from "../../protocol/api-keys.ts";
import { sentence } from "../action.ts";
import { confirmWith } from "../confirm.tsx";
import { notify, reasonOf } from "../notices.ts";
import { ago, date } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";
import { NewKey } from "./new-key.tsx";
import { SecretOnce } from "./secret-once.tsx";

const words = texts.settings.keys;

export function KeysTab({ client, me }: TabProps) {
  const loaded = useLoaded(() => loadAll<ApiKey>(client.rest, "/api/api-keys"));
  const making = useSignal(false);
  const made = useSignal<NewApiKey | null>(null);
  return (
    <section class="section" aria-labelledby="keys-title">
      <div class="section-head">
        <h2 id="keys-title">{words.title}</h2>
        <span class="spring" />
        <Button
          kind="primary"
          icon="plus"
          onClick={() => {
            making.value = true;
          }}
        >
          {words.new}
        </Button>
      </div>
      <p class="quiet">{words.hint}</p>
      <Show loaded={loaded}>{(keys) => <KeyList client={client} keys={keys} reload={loaded.reload} />}</Show>
      {making.value && (
        <NewKey
          client={client}
          me={me}
          close={() => {
            making.value = false;
          }}
          made={(key) => {
            made.value = key;
            void loaded.reload();
          }}
        />
      )}
      {made.value && (
        <SecretOnce
          secret={made.value}
          close={() => {
            made.value = null;
          }}
        />
      )}
    </section>
  );
}

interface ListProps {
  readonly client: Taskwire;
  readonly keys: readonly ApiKey[];
  readonly reload: () => Promise<void>;
}

function KeyList({ client, keys, reload }: ListProps) {
  if (keys.length === 0) return <EmptyState icon="lock" title={words.none} text={words.noneHint} />;
  const remove = async ({ id, name }: ApiKey) => {
    const question = { title: words.deleteTitle(name), text: words.deleteHint, confirmText: texts.settings.delete };
    if (!(await confirmWith({ ...question, danger: true }))) return;
    try {
      await client.rest.request("DELETE", `/api/api-keys/${id}`);
    } catch (error) {
      notify({ text: sentence(reasonOf(error)), tone: "problem" });
    }
    await reload();
  };
  return (
    <ul class="rows" aria-labelledby="keys-title">
      {keys.map((key) => (
        <KeyRow key={key.id} apiKey={key} remove={() => void remove(key)} />
      ))}
    </ul>
  );
}

function KeyRow({ apiKey, remove }: { readonly apiKey: ApiKey; readonly remove: () => void }) {
  const { name, prefix, scopes, project_ids, expires_at, last_used_at, created_at } = apiKey;
  const expired = expires_at !== null && Date.parse(expires_at) <= Date.now();
  const told = [
    words.created(ago(created_at)),
    last_used_at === null ? words.unused : words.used(ago(last_used_at)),
    project_ids === null ? words.allProjects : words.inProjects(project_ids.length),
    ...(expires_at !== null && !expired ? [words.ends(date(expires_at))] : []),
  ];
  return (
    <li class="row-item">
      <Icon name="lock" />
      <div class="row-words">
        <strong>
          {name} <code>{prefix}…</code>
        </strong>
        <span class="quiet">{told.join(" · ")}</span>
      </div>
      {expired && <Badge tone="danger">{words.expired}</Badge>}
      {scopes.map((scope) => (
        <Badge key={scope} label={words.scope[scope]}>
          {scope}
        </Badge>
      ))}
      <IconButton icon="trash" label={words.delete(name)} onClick={remove} />
    </li>
  );
}
