/** Push in this browser: whether it can be, whether it is on, turning it on and off. */
import type { Taskwire } from "../../client/index.ts";
import { bodyOf, type PushSubscriptions, subscriptionsPath } from "./subscription.ts";

type Rest = Taskwire["rest"];

/** Why it cannot be, or whether the person has allowed it. `home`: it can be where the page is on the home screen. */
export type Possible = "insecure" | "unsupported" | "home" | "blocked" | "possible";

const workerPath = "/push-worker.js";

export function possibleHere(): Possible {
  if (!isSecureContext) return "insecure";
  if (!canBePushed()) return isAppleTab() ? "home" : "unsupported";
  return Notification.permission === "denied" ? "blocked" : "possible";
}

const canBePushed = (): boolean =>
  "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

/** On an iPhone or iPad, in the browser: only there does it say of itself that it stands in a tab. */
const isAppleTab = (): boolean => "standalone" in navigator && navigator.standalone === false;

/** Calls back when the person allows or blocks notifications in the browser's own settings, until the signal. */
export async function onPermission(changed: () => void, until: AbortSignal): Promise<void> {
  if (!isSecureContext || !canBePushed()) return;
  const status = await navigator.permissions.query({ name: "notifications" });
  if (!until.aborted) status.addEventListener("change", changed, { signal: until });
}

/** Null where there is none; it may be one that the server does not know, or another person's. */
export async function subscriptionHere(): Promise<PushSubscription | null> {
  if (!isSecureContext || !canBePushed()) return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** The browser's push service could not be reached, or there is none. */
export class NoService extends Error {
  override readonly name = "NoService";
}

/**
 * Asks the person to allow it and subscribes; answers false where they did not. `publicKey` is the server's, in base64url.
 * Throws NoService, TaskwireError.
 */
export async function turnOn(rest: Rest, publicKey: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== "granted") return false;
  const subscription = await subscribe(publicKey);
  await rest.request("POST", subscriptionsPath, bodyOf(subscription));
  return true;
}

async function subscribe(publicKey: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  try {
    await navigator.serviceWorker.register(workerPath);
    const { pushManager } = await navigator.serviceWorker.ready;
    return await pushManager.subscribe(options).catch(async (error: unknown) => {
      if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
      // The server has other keys than it had: a subscription made with those is of no use.
      await (await pushManager.getSubscription())?.unsubscribe();
      return pushManager.subscribe(options);
    });
  } catch (error) {
    // The worker's file could not be loaded, or the browser's service not be reached: browsers differ in what they throw.
    throw new NoService(error instanceof Error ? error.message : String(error));
  }
}

/** Nothing where it is off. Throws TaskwireError where the server cannot be told: then it stays on. */
export async function turnOff(rest: Rest): Promise<void> {
  const subscription = await subscriptionHere();
  if (!subscription) return;
  await rest.request("DELETE", subscriptionsPath, { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
}

/** For a session that has ended: the server takes nothing from it, but its push service will say that it is gone. */
export async function forget(): Promise<void> {
  await (await subscriptionHere())?.unsubscribe();
}

/** What is pushed to somebody who sat here before is not for who sits here now. Throws TaskwireError. */
export async function keepOwn(rest: Rest): Promise<void> {
  const subscription = await subscriptionHere();
  if (!subscription) return;
  const { items } = await rest.request<PushSubscriptions>("GET", subscriptionsPath);
  if (!items.some(({ endpoint }) => endpoint === subscription.endpoint)) await subscription.unsubscribe();
}
