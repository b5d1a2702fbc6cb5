/** Where one can go: the inbox, each project, one's own settings; and whether the page tells the truth. */
import type { ComponentChildren } from "preact";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { paletteShown } from "../palette/host.tsx";
import { projects } from "../projects/list.ts";
import { newProjectOpen } from "../projects/new-project.tsx";
import { boardPath, follow, route } from "../route.ts";
import { texts } from "../texts/index.ts";
import { BrandMark } from "../ui/brand-mark.tsx";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { MeMenu } from "./me-menu.tsx";

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  /** The inbox's bell. */
  readonly bell?: ComponentChildren;
  readonly corner?: ComponentChildren;
  /** The button beside the name: hides the bar, or closes the sheet it stands in. */
  readonly toggle: ComponentChildren;
}

const words = texts.common;

export function SideBar({ client, me, bell, corner, toggle }: Props) {
  return (
    <>
      <div class="side-head">
        <Brand />
        <span class="spring" />
        {bell}
        {toggle}
      </div>
      <nav class="side-nav" aria-label={words.navigation}>
        <button
          type="button"
          class="side-link side-search"
          onClick={() => {
            paletteShown.value = "palette";
          }}
        >
          <Icon name="search" />
          <span class="side-name">{words.search}</span>
          <Kbd keys="Mod+k" />
        </button>
        <ProjectLinks />
      </nav>
      <div class="side-foot">
        {corner}
        <MeMenu client={client} me={me} />
      </div>
    </>
  );
}

export function Brand() {
  return (
    <a class="brand" href="/" onClick={follow} title={texts.projects.back}>
      <BrandMark />
      {words.product}
    </a>
  );
}

function ProjectLinks() {
  const list = projects.value;
  const to = route.value;
  const current = "projectId" in to ? to.projectId : undefined;
  return (
    <>
      <div class="side-title">
        <a href="/" onClick={follow} aria-current={to.view === "projects" ? "page" : undefined}>
          {texts.projects.title}
        </a>
        <IconButton
          icon="plus"
          size="small"
          label={texts.projects.create}
          onClick={() => {
            newProjectOpen.value = true;
          }}
        />
      </div>
      {list === null ? (
        <Skeleton lines={3} />
      ) : (
        <ul class="side-list">
          {list.map(({ id, name }) => (
            <li key={id}>
              <a
                class="side-link"
                href={boardPath(id)}
                aria-current={id === current ? "page" : undefined}
                onClick={follow}
              >
                <Icon name="board" />
                <span class="side-name">{name}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
