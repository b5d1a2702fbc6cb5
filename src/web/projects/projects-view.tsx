/** One's projects: find one, open it, make one. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import type { Project } from "../../protocol/projects.ts";
import type { Me } from "../../protocol/users.ts";
import { StartChoices } from "../account/start-view.tsx";
import { useShortcut } from "../palette/shortcuts.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { PageHead } from "../views/page-head.tsx";
import { loadFacts } from "./facts.ts";
import { projects } from "./list.ts";
import { newProjectOpen } from "./new-project.tsx";
import { ProjectRow } from "./project-row.tsx";

const words = texts.projects;

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
}

export function ProjectsView({ client, me }: Props) {
  const typed = useSignal("");
  const list = projects.value;
  useEffect(() => {
    if (list === null) return;
    const until = new AbortController();
    void loadFacts(client, list, until.signal);
    return () => until.abort();
  }, [client, list]);
  const create = () => {
    newProjectOpen.value = true;
  };
  useShortcut("c", words.create, create);
  return (
    <>
      <PageHead title={words.title}>
        <span class="spring" />
        {list !== null && list.length > 0 && (
          <>
            <label class="search-field">
              <Icon name="search" />
              <span class="unseen">{words.search}</span>
              <input
                class="input"
                type="search"
                placeholder={words.search}
                value={typed.value}
                onInput={(event) => {
                  typed.value = event.currentTarget.value;
                }}
              />
            </label>
            <Button kind="primary" icon="plus" onClick={create}>
              {words.create}
            </Button>
          </>
        )}
      </PageHead>
      <main class="projects-page" id="content" tabIndex={-1}>
        {list === null && <Loading />}
        {list?.length === 0 && <None client={client} me={me} create={create} />}
        {list !== null && list.length > 0 && <Found client={client} list={list} typed={typed.value} />}
      </main>
    </>
  );
}

function Loading() {
  return (
    <div class="project-list" aria-busy="true">
      <span class="unseen" role="status">
        {texts.common.loading}
      </span>
      <Skeleton lines={4} shape="card" />
    </div>
  );
}

function None({ client, me, create }: Props & { readonly create: () => void }) {
  return (
    <EmptyState icon="projects" title={words.none} text={words.noneHint}>
      <StartChoices client={client} me={me} />
      <Button icon="plus" onClick={create}>
        {words.create}
      </Button>
    </EmptyState>
  );
}

/** By name or key. */
const matches = ({ name, key }: Project, typed: string): boolean =>
  `${key} ${name}`.toLowerCase().includes(typed.trim().toLowerCase());

function Found(props: { readonly client: Taskwire; readonly list: readonly Project[]; readonly typed: string }) {
  const { client, list, typed } = props;
  const shown = list.filter((project) => matches(project, typed));
  if (shown.length === 0) return <EmptyState icon="search" title={words.noMatch(typed.trim())} />;
  return (
    <ul class="project-list">
      {shown.map((project) => (
        <ProjectRow key={project.id} client={client} project={project} />
      ))}
    </ul>
  );
}
