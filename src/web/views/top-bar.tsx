/** The bar above every view: where one is, who is here, and whether the page tells the truth. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Taskwire } from "../../client/index.ts";
import type { Me } from "../../protocol/users.ts";
import { notify, reasonOf } from "../notices.ts";
import { follow } from "../route.ts";
import { signOut } from "../session.ts";
import { texts } from "../texts/index.ts";
import { Corner } from "./corner.tsx";

interface Props {
  readonly client: Taskwire;
  readonly me: Me;
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function TopBar({ client, me, title, children }: Props) {
  useEffect(() => {
    document.title = `${title} · ${texts.common.product}`;
  }, [title]);
  const leave = () => {
    const waiting = client.waiting.value.length;
    if (waiting > 0 && !confirm(texts.account.unsaved(waiting))) return;
    signOut().catch((error: unknown) => notify({ text: reasonOf(error), tone: "problem" }));
  };
  return (
    <header class="top-bar">
      <a class="brand" href="/" onClick={follow} aria-label={texts.projects.back}>
        {texts.common.product}
      </a>
      <h1>{title}</h1>
      {children}
      <Corner client={client} />
      <span class="who">{me.name}</span>
      <button type="button" class="plain" onClick={leave}>
        {texts.account.signOut}
      </button>
    </header>
  );
}
