/** The service worker: shows what is pushed while the page is closed, and opens what it is about. It caches nothing. */
import { push as words } from "../texts/en/push.ts";
import { isView } from "../view-paths.ts";
import { bodyOf, subscriptionsPath } from "./subscription.ts";

/** Those of a worker's globals that are used here: the compiler's library is that of a page. */
interface Scope {
  readonly registration: ServiceWorkerRegistration;
  readonly location: { readonly origin: string };
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): void;
}
interface Window {
  readonly url: string;
  readonly focused: boolean;
  readonly visibilityState: "visible" | "hidden";
  focus(): Promise<Window>;
  postMessage(message: Opened): void;
}
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Events {
  readonly install: Event;
  readonly push: Waiting & { readonly data: { text(): string } | null };
  readonly notificationclick: Waiting & { readonly notification: Notification };
  readonly pushsubscriptionchange: Waiting & {
    readonly oldSubscription?: PushSubscription | null;
    readonly newSubscription?: PushSubscription | null;
  };
}
declare const self: Scope;

/** Asks an open page to go there. */
export interface Opened {
  readonly open: string;
}

/** A new worker takes over at once: it keeps nothing that the old one's pages could miss. */
self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("push", (event) => event.waitUntil(show(event.data?.text() ?? "")));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(pathOf(event.notification.data)));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

const inbox = "/inbox";

/** Browsers ask that every push shows something: one that cannot be read says that there is news. */
function show(text: string): Promise<void> {
  const given = read(text);
  const { title = words.worker.title, body = words.worker.body, tag = "", url = inbox } = given;
  return self.registration.showNotification(title, { body, tag, data: url });
}

type Message = { readonly [Name in "title" | "body" | "tag" | "url"]?: string };

function read(text: string): Message {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof given !== "object" || given === null) return {};
  return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === "string"));
}

/** A path of this page. */
function pathOf(url: unknown): string {
  const { origin } = self.location;
  const target = typeof url === "string" ? URL.parse(url, origin) : null;
  return target?.origin === origin && isView(target.pathname) ? target.pathname + target.search : inbox;
}

/** In the page that is open, so that nothing is loaded anew and nothing typed is lost; else in a new window. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = windows.filter(({ url }) => isView(new URL(url).pathname));
  const page =
    pages.find(({ focused }) => focused) ??
    pages.find(({ visibilityState }) => visibilityState === "visible") ??
    pages[0];
  const shown = await page?.focus().catch(() => undefined);
  if (shown) shown.postMessage({ open: path });
  else await self.clients.openWindow(path);
}

/** The browser's push service ended a subscription, and may have given another. Who is signed out has none. */
async function renew({ oldSubscription, newSubscription }: Events["pushsubscriptionchange"]): Promise<void> {
  const { pushManager } = self.registration;
  const next = newSubscription ?? (oldSubscription && (await pushManager.subscribe(oldSubscription.options)));
  if (!next) return;
  const headers = { "content-type": "application/json" };
  await fetch(subscriptionsPath, { method: "POST", headers, body: JSON.stringify(bodyOf(next)) });
}
