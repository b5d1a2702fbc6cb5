/** A project in the list: its name leads to its board, its menu to what can be done with it. */
import { useSignal } from "@preact/signals";
import type { Taskwire } from "../../client/index.ts";
import { plainText } from "../../protocol/plain-text.ts";
import type { Project } from "../../protocol/projects.ts";
import { hueOf } from "../people.ts";
import { boardPath, follow, navigate, projectSettingsPath } from "../route.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Avatars } from "../ui/avatar.tsx";
import { Badge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { Menu } from "../ui/menu.tsx";
import { DeleteProject } from "./delete-project.tsx";
import { facts } from "./facts.ts";
import { RenameProject } from "./rename-project.tsx";

const words = texts.projects;

interface Props {
  readonly client: Taskwire;
  readonly project: Project;
}

export function ProjectRow({ client, project }: Props) {
  const { id, key, name, description, role = "viewer" } = project;
  const about = plainText(description);
  const known = facts.value.get(id);
  return (
    <li class="project-row">
      <span class="project-mark" data-hue={hueOf(id)} aria-hidden="true">
        {key.slice(0, 2)}
      </span>
      <div class="project-words">
        <a class="project-name" href={boardPath(id)} onClick={follow}>
          {name}
        </a>
        <span class="quiet project-line">
          <span class="key">{key}</span>
          {about !== "" && <span class="project-description">{about}</span>}
        </span>
      </div>
      {known && (
        <span class="project-people">
          <Avatars people={known.people} most={4} more={texts.common.morePeople} />
          {known.more && <span class="quiet">…</span>}
        </span>
      )}
      {known?.activeAt && (
        <time class="quiet project-active" dateTime={known.activeAt} title={dateTime(known.activeAt)}>
          {words.active(ago(known.activeAt))}
        </time>
      )}
      <span class="project-role">
        <Badge>{texts.settings.members.roles[role]}</Badge>
      </span>
      <RowMenu client={client} project={project} />
    </li>
  );
}

function RowMenu({ client, project }: Props) {
  const asked = useSignal<"rename" | "delete" | null>(null);
  const { id, name, role } = project;
  const ask = (what: "rename" | "delete") => () => {
    asked.value = what;
  };
  const close = () => {
    asked.value = null;
  };
  const mayManage = role === "owner" || role === "admin";
  return (
    <>
      <Menu
        label={words.more(name)}
        align="end"
        groups={[
          {
            items: [
              { text: words.settings, icon: "settings", run: () => navigate(projectSettingsPath(id)) },
              ...(mayManage ? [{ text: words.rename, icon: "edit" as const, run: ask("rename") }] : []),
            ],
          },
          {
            items:
              role === "owner"
                ? [{ text: words.delete, icon: "trash" as const, danger: true, run: ask("delete") }]
                : [],
          },
        ]}
        trigger={(trigger) => <IconButton {...trigger} icon="more" label={words.more(name)} />}
      />
      {asked.value === "rename" && <RenameProject client={client} project={project} close={close} />}
      {asked.value === "delete" && <DeleteProject client={client} project={project} close={close} />}
    </>
  );
}
