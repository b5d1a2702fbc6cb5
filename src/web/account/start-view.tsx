/** How to begin: with a sample to try things on, or with an empty board. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Taskwire, TaskwireError } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { useAction } from "../action.ts";
import { createProject } from "../projects/list.ts";
import { boardPath, follow, navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { BrandMark } from "../ui/brand-mark.tsx";
import { Problem } from "../ui/field.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Spinner } from "../ui/skeleton.tsx";

const words = texts.account.start;

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
}

/** A page of its own after the setup link. */
export function StartView({ client, me }: Props) {
  useEffect(() => {
    document.title = texts.common.product;
  }, []);
  return (
    <main class="account-page">
      <div class="start stack">
        <p class="brand">
          <BrandMark /> {texts.common.product}
        </p>
        <h1>{words.title(me.name)}</h1>
        <p class="quiet">{words.lead}</p>
        <StartChoices client={client} me={me} />
        <a class="start-later" href="/" onClick={follow}>
          {words.later}
        </a>
      </div>
    </main>
  );
}

type Choice = "sample" | "empty";

/** Either leads to its live board. */
export function StartChoices({ client, me }: Props) {
  const action = useAction();
  const chosen = useSignal<Choice | undefined>(undefined);
  const begin = async (choice: Choice) => {
    chosen.value = choice;
    await action.run(async () => {
      const project = await make(choice, client, me);
      navigate(boardPath(project.id), { replace: true });
    });
  };
  const card = (choice: Choice, icon: IconName, title: string, hint: string) => (
    <button
      type="button"
      class="start-choice"
      aria-disabled={action.busy || undefined}
      onClick={() => void begin(choice)}
    >
      {action.busy && chosen.value === choice ? <Spinner /> : <Icon name={icon} size={24} />}
      <strong>{title}</strong>
      <span class="quiet">{hint}</span>
    </button>
  );
  return (
    <>
      <div class="start-choices">
        {card("sample", "checklist", words.sample, words.sampleHint)}
        {card("empty", "board", words.empty, words.emptyHint)}
      </div>
      <p class="quiet" role="status">
        {action.busy ? words.making : ""}
      </p>
      <Problem text={action.problem} />
    </>
  );
}

async function make(choice: Choice, client: Taskwire, me: Me) {
  if (choice === "empty") return createProject(client, { name: words.emptyName });
  const { createSample } = await import("./sample.ts").catch(() => {
    throw new TaskwireError("network", "the sample cannot be loaded");
  });
  return createSample(client, me.id, new Date());
}
