/** Which view the address names. */
import { computed, signal } from "@preact/signals";

export const projectTabs = ["general", "members", "columns", "labels"] as const;
export type ProjectTab = (typeof projectTabs)[number];
export const settingsTabs = ["profile", "sessions", "api-keys", "notifications", "appearance"] as const;
export type SettingsTab = (typeof settingsTabs)[number];

export type Route =
  | { readonly view: "projects" }
  /** `taskId`: its drawer is open. */
  | { readonly view: "board"; readonly projectId: string; readonly taskId?: string }
  | { readonly view: "project_settings"; readonly projectId: string; readonly tab: ProjectTab }
  | { readonly view: "settings"; readonly tab: SettingsTab }
  | { readonly view: "inbox" }
  /** The link that the server printed: makes the first account. */
  | { readonly view: "setup"; readonly token: string }
  /** The parts the page is made of; in development only. */
  | { readonly view: "design" }
  | { readonly view: "missing" };

const address = signal(new URL(location.href));

/** What stands behind the `?`: the board keeps its filters there. */
export const query = computed(() => address.value.searchParams);

export const route = computed<Route>(() => {
  const { pathname, searchParams } = address.value;
  return routeOf(pathname, searchParams);
});

function routeOf(pathname: string, searchParams: URLSearchParams): Route {
  const [first, second, third, fourth, ...rest] = pathname.split("/").filter((part) => part !== "");
  if (rest.length > 0) return { view: "missing" };
  if (first === undefined) return { view: "projects" };
  if (first === "projects" && fourth === undefined && third === undefined) {
    return second === undefined ? { view: "projects" } : { view: "board", projectId: second };
  }
  if (first === "projects" && second !== undefined) return inProject(second, third, fourth);
  if (third !== undefined) return { view: "missing" };
  if (first === "settings") return { view: "settings", tab: settingsTabs.find((tab) => tab === second) ?? "profile" };
  if (first === "setup" && second === undefined) return { view: "setup", token: searchParams.get("token") ?? "" };
  if (first === "inbox" && second === undefined) return { view: "inbox" };
  if (first === "design" && second === undefined) return { view: "design" };
  return { view: "missing" };
}

function inProject(projectId: string, part: string | undefined, name: string | undefined): Route {
  if (part === "tasks" && name !== undefined) return { view: "board", projectId, taskId: name };
  if (part === "settings") {
    return { view: "project_settings", projectId, tab: projectTabs.find((tab) => tab === name) ?? "general" };
  }
  return { view: "missing" };
}

export const boardPath = (projectId: string): string => `/projects/${projectId}`;
export const taskPath = (projectId: string, taskId: string): string => `/projects/${projectId}/tasks/${taskId}`;
export const projectSettingsPath = (projectId: string, tab: ProjectTab = "general"): string =>
  `/projects/${projectId}/settings/${tab}`;
export const inboxPath = "/inbox";
export const settingsPath = (tab: SettingsTab = "profile"): string => `/settings/${tab}`;

/** Goes to a path of this page, with its query. `replace`: the present address is not kept in the history. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  address.value = new URL(location.href);
}

/** Puts another query behind the present path, without a step in the history: a filter is no place to come back to. */
export function setQuery(params: URLSearchParams): void {
  const { pathname } = address.peek();
  navigate(params.size > 0 ? `${pathname}?${params}` : pathname, { replace: true });
}

/** For links: goes there without loading the page anew, unless another tab was asked for. */
export function follow(event: MouseEvent & { readonly currentTarget: HTMLAnchorElement }): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { pathname, search } = new URL(event.currentTarget.href);
  navigate(pathname + search);
}

addEventListener("popstate", () => {
  address.value = new URL(location.href);
});
