/** The whole page: which view is shown, and what is said above it. */

import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { AccountView } from "../account/account-view.tsx";
import { SignInAgain } from "../account/sign-in-again.tsx";
import { StartView } from "../account/start-view.tsx";
import { BoardView } from "../board/board-view.tsx";
import { Confirmation } from "../confirm.tsx";
import { announcement } from "../notices.ts";
import { NewProject } from "../projects/new-project.tsx";
import { ProjectsView } from "../projects/projects-view.tsx";
import { type Route, route } from "../route.ts";
import { resumeSession, session } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Notices } from "./notices.tsx";
import { Shell } from "./shell.tsx";

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
  if (value.state === "unknown") return <main class="center quiet">{texts.common.loading}</main>;
  if (value.state === "unreachable") return <Unreachable />;
  if (value.state === "signed_out") {
    return <AccountView message={value.message} setupToken={to.view === "setup" ? to.token : undefined} />;
  }
  const { client, me } = value;
  if (to.view === "setup") return <StartView client={client} me={me} />;
  return (
    <Shell client={client} me={me}>
      <Inside to={to} client={client} me={me} />
      <NewProject client={client} />
    </Shell>
  );
}

interface InsideProps {
  readonly to: Route;
  readonly client: Taskwire;
  readonly me: Me;
}

function Inside({ to, client, me }: InsideProps) {
  if (to.view === "board")
    return <BoardView key={to.projectId} client={client} me={me} projectId={to.projectId} taskId={to.taskId} />;
  return <ProjectsView client={client} me={me} />;
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
