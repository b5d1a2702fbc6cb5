/** The whole page: which view is shown, and what is said above it. */

import { useEffect } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { SignInAgain } from "../account/sign-in-again.tsx";
import { BoardView } from "../board/board-view.tsx";
import { Confirmation } from "../confirm.tsx";
import { Bell } from "../inbox/bell.tsx";
import { lazy } from "../lazy.tsx";
import { announcement } from "../notices.ts";
import { PaletteHost } from "../palette/host.tsx";
import { preloadWhenLive } from "../preload.ts";
import { NewProject } from "../projects/new-project.tsx";
import { ProjectsView } from "../projects/projects-view.tsx";
import { follow, type Route, route } from "../route.ts";
import { resumeSession, session } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Notices } from "./notices.tsx";
import { PageHead } from "./page-head.tsx";
import { Shell } from "./shell.tsx";

const AccountView = lazy(async () => (await import("../account/account-view.tsx")).AccountView);
const StartView = lazy(async () => (await import("../account/start-view.tsx")).StartView);
const ProjectSettings = lazy(async () => (await import("../settings/project-settings.tsx")).ProjectSettings);
const InboxView = lazy(async () => (await import("../inbox/inbox-view.tsx")).InboxView);
const MySettings = lazy(async () => (await import("../settings/my-settings.tsx")).MySettings);
/** Not in the bundle for people. */
const DesignView =
  process.env.NODE_ENV === "production"
    ? undefined
    : lazy(async () => (await import("../design/design-view.tsx")).DesignView);

export function Page() {
  return (
    <>
      <View />
      <SignInAgain />
      <Confirmation />
      <Notices />
      <p class="unseen" role="status">
        {announcement.value}
      </p>
    </>
  );
}

function View() {
  const { value } = session;
  const to = route.value;
  if (to.view === "design" && DesignView) return <DesignView />;
  if (value.state === "unknown") return <main class="center quiet">{texts.common.loading}</main>;
  if (value.state === "unreachable") return <Unreachable />;
  if (value.state === "signed_out") {
    return <AccountView message={value.message} setupToken={to.view === "setup" ? to.token : undefined} />;
  }
  const { client, me } = value;
  if (to.view === "setup") return <StartView client={client} me={me} />;
  return (
    // Nothing of one person's views stays for the next.
    <Shell key={me.id} client={client} me={me} bell={<Bell client={client} />}>
      <Inside to={to} client={client} me={me} />
      <NewProject client={client} />
      <PaletteHost client={client} me={me} />
      <Preload client={client} />
    </Shell>
  );
}

function Preload({ client }: { readonly client: Taskwire }) {
  useEffect(() => preloadWhenLive(client, [InboxView, MySettings, ProjectSettings]), [client]);
  return null;
}

interface InsideProps {
  readonly to: Route;
  readonly client: Taskwire;
  readonly me: Me;
}

function Inside({ to, client, me }: InsideProps) {
  if (to.view === "board")
    return <BoardView key={to.projectId} client={client} me={me} projectId={to.projectId} taskId={to.taskId} />;
  if (to.view === "projects") return <ProjectsView client={client} me={me} />;
  if (to.view === "inbox") return <InboxView client={client} />;
  if (to.view === "settings") return <MySettings client={client} me={me} tab={to.tab} />;
  if (to.view === "project_settings")
    return <ProjectSettings client={client} me={me} projectId={to.projectId} tab={to.tab} />;
  return <Missing />;
}

function Missing() {
  return (
    <>
      <PageHead title={texts.common.product} />
      <main class="center" id="content" tabIndex={-1}>
        <EmptyState icon="search" title={texts.common.missing} text={texts.common.missingHint}>
          <a class="button" href="/" onClick={follow}>
            {texts.projects.back}
          </a>
        </EmptyState>
      </main>
    </>
  );
}

function Unreachable() {
  return (
    <main class="center">
      <EmptyState icon="offline" title={texts.common.unreachable} text={texts.common.unreachableHint}>
        <Button kind="primary" onClick={() => void resumeSession()}>
          {texts.common.retry}
        </Button>
      </EmptyState>
    </main>
  );
}
