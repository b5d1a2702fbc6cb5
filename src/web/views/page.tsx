/** The whole page: which view is shown, and what is said above it. */

import { AccountView } from "../account/account-view.tsx";
import { SignInAgain } from "../account/sign-in-again.tsx";
import { StartView } from "../account/start-view.tsx";
import { announcement } from "../notices.ts";
import { NewProject } from "../projects/new-project.tsx";
import { ProjectsView } from "../projects/projects-view.tsx";
import { route } from "../route.ts";
import { resumeSession, session } from "../session.ts";
import { texts } from "../texts/index.ts";
import { BoardView } from "./board.tsx";
import { Notices } from "./notices.tsx";
import { TopBar } from "./top-bar.tsx";

export function Page() {
  return (
    <>
      <View />
      <SignInAgain />
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
  if (to.view === "board") return <BoardView key={to.projectId} client={client} me={me} projectId={to.projectId} />;
  if (to.view === "setup") return <StartView client={client} me={me} />;
  return (
    <>
      <TopBar client={client} me={me} title={texts.projects.title} />
      <ProjectsView client={client} me={me} />
      <NewProject client={client} />
    </>
  );
}

function Unreachable() {
  return (
    <main class="center">
      <div class="stack">
        <p>{texts.common.unreachable}</p>
        <button type="button" class="primary" onClick={() => void resumeSession()}>
          {texts.common.retry}
        </button>
      </div>
    </main>
  );
}
