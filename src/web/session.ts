/** Who sits here, and the client that speaks for them. */
import { signal } from "@preact/signals";
import { createTaskwire, type Taskwire, TaskwireError } from "../client/index.ts";
import { createRest } from "../client/rest.ts";
import type { SignUpState } from "../protocol/accounts.ts";
import type { Me } from "../protocol/users.ts";
import { forgetProjects, watchProjects } from "./projects/list.ts";
import { texts } from "./texts/index.ts";

export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "unreachable" }
  | { readonly state: "signed_out"; readonly message?: string }
  | { readonly state: "signed_in"; readonly me: Me; readonly client: Taskwire };

export const session = signal<Session>({ state: "unknown" });

/**
 * The session behind the views ended, not by the person's own doing: they stay as they are, with all that was typed, under
 * a dialog that asks to sign in again.
 */
export const sessionLost = signal(false);

const rest = createRest({ url: location.origin, token: undefined, fetch: (url, init) => fetch(url, init) });

/** Asks the server who the cookie belongs to. */
export async function resumeSession(): Promise<void> {
  try {
    begin(await whoAmI());
  } catch (error) {
    if (!(error instanceof TaskwireError)) throw error;
    session.value = { state: error.code === "unauthenticated" ? "signed_out" : "unreachable" };
  }
}

/** Who may make an account here. Throws TaskwireError. */
export const readSignUp = async (): Promise<SignUpState["sign_up"]> =>
  (await rest.request<SignUpState>("GET", "/api/auth/sign-up")).sign_up;

const whoAmI = (): Promise<Me> => rest.request<Me>("GET", "/api/me");

/** Throws TaskwireError with words for the form. */
export async function signIn(email: string, password: string): Promise<void> {
  await rest.request("POST", "/api/auth/sign-in/email", { email, password });
  if (sessionLost.value) goOn(await whoAmI());
  else await resumeSession();
}

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  /** From the link that the server printed. */
  readonly setup_token?: string;
}

/** Throws TaskwireError with words for the form. */
export async function signUp(account: NewAccount): Promise<void> {
  await rest.request("POST", "/api/auth/sign-up/email", account);
  await resumeSession();
}

/** Ends the session on the server too. Throws TaskwireError where that cannot be reached: then nothing has ended. */
export async function signOut(): Promise<void> {
  ownDoing = true;
  try {
    await withPush(({ turnOff }) => turnOff(rest));
    await rest.request("POST", "/api/auth/sign-out", {});
    end({ discard: true });
  } finally {
    ownDoing = false;
  }
}

/** Every session ends, and this page goes on with the new one that the answer brings. Throws TaskwireError. */
export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  ownDoing = true;
  try {
    await rest.request("POST", "/api/auth/change-password", { currentPassword, newPassword });
  } finally {
    ownDoing = false;
  }
  const { value } = session;
  // The server may close the connection a moment after its answer, or have closed it before.
  if (value.state === "signed_in" && value.client.connection.refusal.value !== null) value.client.resume();
}

/** The person changed their own name, zone or language. */
export function changeMe(me: Me): void {
  const { value } = session;
  if (value.state === "signed_in") session.value = { ...value, me };
}

/** Gives the lost session up, and what was typed with it. */
export function leaveLost(): void {
  void withPush(({ forget }) => forget());
  end({ discard: true });
}

/** Push in this browser, where it was ever allowed: else nothing is loaded for it. Throws TaskwireError. */
async function withPush(act: (push: typeof import("./push/this-browser.ts")) => Promise<void>): Promise<void> {
  if (!("Notification" in globalThis && Notification.permission === "granted")) return;
  const push = await import("./push/this-browser.ts").catch(() => {
    throw new TaskwireError("network", "a part of the page cannot be loaded");
  });
  await act(push);
}

/** The server closes the connection because of what this page just asked for: that needs no word. */
let ownDoing = false;

function begin(me: Me): void {
  const client = createTaskwire();
  session.value = { state: "signed_in", me, client };
  watchProjects(client);
  void withPush(({ keepOwn }) => keepOwn(rest)).catch(() => {
    // Looked at again the next time.
  });
  let signedOutAt = Number.NEGATIVE_INFINITY;
  client.on("session_ended", ({ reason }) => {
    if (reason === "signed_out") signedOutAt = performance.now();
  });
  client.connection.refusal.subscribe((reason) => {
    if (reason === null || ownDoing) return;
    void refused(client, me, performance.now() - signedOutAt < momentMs);
  });
  ended = new AbortController();
  document.addEventListener("visibilitychange", () => tellPresence(client), { signal: ended.signal });
}

/** What follows within it belongs together. */
const momentMs = 5000;
let resumedAt = Number.NEGATIVE_INFINITY;

/** Another window may have signed in again already; else this one asks for it. */
async function refused(client: Taskwire, me: Me, signedOut: boolean): Promise<void> {
  const now = await whoAmI().catch(() => undefined);
  const { value } = session;
  if (value.state !== "signed_in" || value.client !== client) return;
  if (now?.id === me.id && performance.now() - resumedAt > momentMs) {
    resumedAt = performance.now();
    client.resume();
  } else if (signedOut) end({ message: texts.account.ended });
  else sessionLost.value = true;
}

/** Signed in again under the views of a lost session: as the same person they go on, as another they end. */
function goOn(me: Me): void {
  const { value } = session;
  if (value.state === "signed_in" && value.me.id === me.id) {
    sessionLost.value = false;
    value.client.resume();
    return;
  }
  end();
  begin(me);
}

/** Aborted when the session of this page ends. */
let ended = new AbortController();

/** A page that nobody sees is away. */
function tellPresence(client: Taskwire): void {
  client.setPresence(document.visibilityState === "visible" ? "active" : "away");
}

/** `discard`: what waits is given up; else it is sent when the same person signs in here again. */
function end({ message, discard = false }: { readonly message?: string; readonly discard?: boolean } = {}): void {
  const { value } = session;
  if (value.state !== "signed_in") return;
  session.value = message === undefined ? { state: "signed_out" } : { state: "signed_out", message };
  sessionLost.value = false;
  ended.abort();
  forgetProjects();
  value.client.close({ discard });
}
