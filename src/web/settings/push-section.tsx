/** Push to this browser and the person's others: turned on here, listed, tried and ended. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { PushSubscription as Browser } from "../../protocol/push.ts";
import { useAction } from "../action.ts";
import { notify } from "../notices.ts";
import { type PushSubscriptions, subscriptionsPath } from "../push/subscription.ts";
import {
  NoService,
  onPermission,
  type Possible,
  possibleHere,
  subscriptionHere,
  turnOff,
  turnOn,
} from "../push/this-browser.ts";
import { ago, dateTime } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { deviceOf } from "./device.ts";
import { Show, useLoaded } from "./load.tsx";
import type { TabProps } from "./my-settings.tsx";

const words = texts.push;

type Rest = TabProps["client"]["rest"];

interface Known extends PushSubscriptions {
  readonly state: Exclude<Possible, "possible"> | "off" | "on";
  /** Of this browser's own subscription. */
  readonly here: string | undefined;
}

async function look(rest: Rest): Promise<Known> {
  const [known, subscription] = await Promise.all([
    rest.request<PushSubscriptions>("GET", subscriptionsPath),
    subscriptionHere(),
  ]);
  const here = known.items.find(({ endpoint }) => endpoint === subscription?.endpoint)?.endpoint;
  const possible = possibleHere();
  return { ...known, here, state: possible !== "possible" ? possible : here === undefined ? "off" : "on" };
}

interface Props extends Pick<TabProps, "client"> {
  /** Browsers came or went. */
  readonly changed: () => void;
}

export function PushSection({ client: { rest }, changed }: Props) {
  const loaded = useLoaded(() => look(rest));
  const again = useRef(loaded.reload);
  again.current = loaded.reload;
  useEffect(() => {
    const until = new AbortController();
    void onPermission(() => void again.current(), until.signal);
    return () => until.abort();
  }, []);
  const reload = async () => {
    await loaded.reload();
    changed();
  };
  return (
    <section class="section" aria-labelledby="push-title">
      <Show loaded={loaded}>{(known) => <Known rest={rest} known={known} reload={reload} />}</Show>
    </section>
  );
}

interface KnownProps {
  readonly rest: Rest;
  readonly known: Known;
  readonly reload: () => Promise<void>;
}

function Known({ rest, known: { state, items, here, public_key }, reload }: KnownProps) {
  const action = useAction();
  /** What is no refusal of the server's. */
  const problem = useSignal<string | undefined>(undefined);
  const on = async () => {
    problem.value = undefined;
    await action.run(async () => {
      try {
        if (!(await turnOn(rest, public_key))) problem.value = words.declined;
      } catch (error) {
        if (!(error instanceof NoService)) throw error;
        problem.value = words.service;
      }
    });
    await reload();
  };
  const off = async () => {
    await action.run(() => turnOff(rest));
    await reload();
  };
  return (
    <>
      <div class="section-head">
        <h2 id="push-title">{words.title}</h2>
        <span class="spring" />
        {state === "off" && (
          <Button kind="primary" icon="bell" busy={action.busy} onClick={() => void on()}>
            {words.turnOn}
          </Button>
        )}
        {state === "on" && (
          <Button busy={action.busy} onClick={() => void off()}>
            {words.turnOff}
          </Button>
        )}
      </div>
      <p class="quiet">{words.lead}</p>
      <p role="status">{words.states[state]}</p>
      <Problem text={action.problem ?? problem.value} />
      <ul class="rows push-browsers" aria-label={words.list}>
        {items.map((browser) => (
          <BrowserRow key={browser.id} rest={rest} browser={browser} here={browser.endpoint === here} reload={reload} />
        ))}
      </ul>
    </>
  );
}

interface RowProps extends Pick<KnownProps, "rest" | "reload"> {
  readonly browser: Browser;
  /** It is this one, which has a button of its own above. */
  readonly here: boolean;
}

function BrowserRow({ rest, browser: { id, endpoint, user_agent, created_at }, here, reload }: RowProps) {
  const action = useAction();
  const name = user_agent === null ? words.unknown : deviceOf(user_agent);
  const test = async () => {
    if (await action.run(() => rest.request("POST", `${subscriptionsPath}/${id}/test`)))
      notify({ text: words.tested(name) });
  };
  const end = async () => {
    if (!(await action.run(() => rest.request("DELETE", subscriptionsPath, { endpoint })))) return;
    notify({ text: words.removed(name) });
    await reload();
  };
  return (
    <li class="row-item">
      <Icon name="bell" />
      <div class="row-words">
        <strong>
          {name} {here && <Badge tone="good">{words.here}</Badge>}
        </strong>
        <span class="quiet" title={dateTime(created_at)}>
          {words.since(ago(created_at))}
        </span>
        <Problem text={action.problem} />
      </div>
      <Button size="small" busy={action.busy} aria-label={words.testOf(name)} onClick={() => void test()}>
        {words.test}
      </Button>
      {!here && <IconButton icon="trash" label={words.remove(name)} onClick={() => void end()} />}
    </li>
  );
}
