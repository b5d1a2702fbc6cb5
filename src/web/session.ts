/** Who sits here, and the client that speaks for them. */
import { signal } from "@preact/signals";
import { createTaskwire, type Taskwire, TaskwireError } from "../client/index.ts";
import { createRest } from "../client/rest.ts";
import type { Me } from "../protocol/users.ts";
import { forgetProjects, watchProjects } from "./projects.ts";
import { texts } from "./texts/index.ts";

export type Session =
  | { readonly state: "unknown" }
  | { readonly state: "unreachable" }
  | { readonly state: "signed_out"; readonly message?: string }
  | { readonly state: "signed_in"; readonly me: Me; readonly client: Taskwire };

export const session = signal<Session>({ state: "unknown" });

const rest = createRest({ url: location.origin, token: undefined, fetch: (url, init) => fetch(url, init) });

/** Asks the server who the cookie belongs to. */
export async function resumeSession(): Promise<void> {
  try {
    begin(await rest.request<Me>("GET", "/api/me"));
  } catch (error) {
    if (!(error instanceof TaskwireError)) throw error;
    session.value = { state: error.code === "unauthenticated" ? "signed_out" : "unreachable" };
  }
}

/** Throws TaskwireError with words for the form. */
export async function signIn(email: string, password: string): Promise<void> {
  await rest.request("POST", "/api/auth/sign-in/email", { email, password });
  await resumeSession();
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
  leaving = true;
  try {
    await rest.request("POST", "/api/auth/sign-out", {});
    end();
  } finally {
    leaving = false;
  }
}

/** One's own sign-out needs no word when the server closes the connection for it. */
let leaving = false;

function begin(me: Me): void {
  const client = createTaskwire();
  session.value = { state: "signed_in", me, client };
  watchProjects(client);
  client.connection.refusal.subscribe((reason) => {
    if (reason !== null) end(leaving ? undefined : texts.account.ended);
  });
  ended = new AbortController();
  document.addEventListener("visibilitychange", () => tellPresence(client), { signal: ended.signal });
}

/** Aborted when the session of this page ends. */
let ended = new AbortController();

/** A page that nobody sees is away. */
function tellPresence(client: Taskwire): void {
  client.setPresence(document.visibilityState === "visible" ? "active" : "away");
}

function end(message?: string): void {
  const { value } = session;
  if (value.state !== "signed_in") return;
  session.value = message === undefined ? { state: "signed_out" } : { state: "signed_out", message };
  ended.abort();
  forgetProjects();
  value.client.close();
}
