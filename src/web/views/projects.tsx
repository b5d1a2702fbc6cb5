/** One's projects, and the making of a new one. */
import { useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { reasonOf } from "../notices.ts";
import { createProject, projects } from "../projects.ts";
import { boardPath, follow, navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Field } from "./field.tsx";
import { TopBar } from "./top-bar.tsx";

const words = texts.projects;

export function ProjectsView({ client, me }: { readonly client: Taskwire; readonly me: Me }) {
  const problem = useSignal<string | undefined>(undefined);
  const busy = useSignal(false);

  const create = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "");
    busy.value = true;
    problem.value = undefined;
    try {
      navigate(boardPath((await createProject(client, name)).id));
    } catch (error) {
      problem.value = reasonOf(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <>
      <TopBar client={client} me={me} title={words.title} />
      <main class="projects stack">
        <ProjectList />
        <form class="row" onSubmit={(event) => void create(event)}>
          <Field name="name" label={words.name} inside maxLength={200} />
          <button type="submit" class="primary" disabled={busy.value}>
            {words.create}
          </button>
        </form>
        {problem.value !== undefined && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
      </main>
    </>
  );
}

function ProjectList() {
  const list = projects.value;
  if (list === null) return <p class="quiet">{texts.common.loading}</p>;
  if (list.length === 0) return <p class="quiet">{words.none}</p>;
  return (
    <ul class="project-list">
      {list.map(({ id, key, name }) => (
        <li key={id}>
          <a href={boardPath(id)} onClick={follow}>
            <span class="key">{key}</span> {name}
          </a>
        </li>
      ))}
    </ul>
  );
}
