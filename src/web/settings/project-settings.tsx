/** A project's settings: all of them are projections of its store, so that another window sees a change at once. */
import type { Closed, Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { OpenProject } from "../projects/open-project.tsx";
import { boardPath, follow, type ProjectTab, projectSettingsPath, projectTabs } from "../route.ts";
import { texts } from "../texts/index.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { TabLinks } from "../ui/tabs.tsx";
import { PageHead } from "../views/page-head.tsx";
import { ColumnsTab } from "./columns-tab.tsx";
import { GeneralTab } from "./general-tab.tsx";
import { LabelsTab } from "./labels-tab.tsx";
import { MembersTab } from "./members-tab.tsx";

const words = texts.settings.project;

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly projectId: string;
  readonly tab: ProjectTab;
}

export function ProjectSettings({ client, me, projectId, tab }: Props) {
  return (
    <OpenProject key={projectId} client={client} me={me} projectId={projectId}>
      {(board, closed) => (closed === null ? <Settings board={board} tab={tab} /> : <Gone closed={closed} />)}
    </OpenProject>
  );
}

function Gone({ closed }: { readonly closed: Closed }) {
  return (
    <main class="page-body" id="content" tabIndex={-1}>
      <EmptyState icon="projects" title={texts.projects.closed[closed]}>
        <a href="/" onClick={follow}>
          {texts.projects.back}
        </a>
      </EmptyState>
    </main>
  );
}

const views = { general: GeneralTab, members: MembersTab, columns: ColumnsTab, labels: LabelsTab } satisfies Record<
  ProjectTab,
  unknown
>;

function Settings({ board, tab }: { readonly board: Board; readonly tab: ProjectTab }) {
  const { name } = useLive(board.store.project);
  const Tab = views[tab];
  return (
    <>
      <PageHead title={words.titleOf(name)}>
        <span class="spring" />
        <a class="back-link" href={boardPath(board.store.id)} onClick={follow}>
          <Icon name="board" /> <span>{texts.settings.backToBoard}</span>
        </a>
      </PageHead>
      <main class="settings" id="content" tabIndex={-1}>
        <TabLinks
          label={words.title}
          selected={tab}
          links={projectTabs.map((id) => ({ id, text: words.tabs[id], href: projectSettingsPath(board.store.id, id) }))}
        />
        {!board.mayManage && (
          <p class="note">
            <Icon name="info" /> {words.readOnly}
          </p>
        )}
        <Tab board={board} />
      </main>
    </>
  );
}
