/** Everything the palette can go to or do, where one is. */
import type { Taskwire } from "../../client/index.ts";
import type { Project } from "../../protocol/projects.ts";
import type { Task } from "../../protocol/tasks.ts";
import { setTheme } from "../preferences.ts";
import { projects } from "../projects/list.ts";
import { newProjectOpen } from "../projects/new-project.tsx";
import {
  boardPath,
  inboxPath,
  navigate,
  projectSettingsPath,
  projectTabs,
  type Route,
  settingsPath,
  settingsTabs,
  taskPath,
} from "../route.ts";
import { texts } from "../texts/index.ts";
import type { Theme } from "../theme.ts";
import type { IconName } from "../ui/icon.tsx";
import { leave } from "../views/me-menu.tsx";
import { type Shortcut, shortcuts } from "./shortcuts.ts";

const words = texts.palette;

export type Group = Exclude<keyof typeof words.groups, "recent">;

export interface Command {
  /** The same over time: what was used last is remembered by it. */
  readonly id: string;
  readonly group: Group;
  readonly text: string;
  /** Found by it too, and shown in front. */
  readonly key?: string;
  readonly icon: IconName;
  readonly keys?: string;
  readonly run: () => void;
}

interface Where {
  readonly client: Taskwire;
  readonly to: Route;
  /** Of the board that is open. */
  readonly tasks: readonly Task[];
}

export function commandsOf({ client, to, tasks }: Where): readonly Command[] {
  return [
    ...tasks.map(taskCommand),
    ...(projects.value ?? []).map(projectCommand),
    ...shortcuts.value.filter(isAction).map(shortcutCommand),
    ...places(),
    ...("projectId" in to ? settingsOf(to.projectId) : []),
    ...actions(client),
  ];
}

const taskCommand = ({ id, project_id, key, title }: Task): Command => ({
  id: `task ${id}`,
  group: "tasks",
  text: title,
  key,
  icon: "check",
  run: () => navigate(taskPath(project_id, id)),
});

const projectCommand = ({ id, key, name }: Project): Command => ({
  id: `project ${id}`,
  group: "projects",
  text: name,
  key,
  icon: "board",
  run: () => navigate(boardPath(id)),
});

/** What the palette itself and its places already do, and keys that move the focus, are no commands. */
const isAction = ({ keys }: Shortcut): boolean =>
  !/^(Mod\+k|\?|g .|.*(Arrow|Enter|Escape|Tab|Home|End| ).*)$/.test(keys);

const icons: Readonly<Record<string, IconName>> = { c: "plus", f: "filter" };

const shortcutCommand = ({ keys, text, run }: Shortcut): Command => ({
  id: `shortcut ${text}`,
  group: "actions",
  text,
  icon: icons[keys] ?? "keyboard",
  keys,
  run: () => run(new KeyboardEvent("keydown")),
});

const place = (text: string, icon: IconName, path: string, keys?: string): Command => ({
  id: `place ${path}`,
  group: path.startsWith("/settings") ? "settings" : "actions",
  text,
  icon,
  ...(keys !== undefined && { keys }),
  run: () => navigate(path),
});

const places = (): readonly Command[] => [
  place(words.actions.projects, "projects", "/", "g p"),
  place(words.actions.inbox, "inbox", inboxPath, "g i"),
  ...settingsTabs.map((tab) => place(words.actions.mine(texts.settings.mine.tabs[tab]), "person", settingsPath(tab))),
];

const settingsOf = (projectId: string): readonly Command[] =>
  projectTabs.map((tab) => ({
    id: `settings ${tab}`,
    group: "settings",
    text: words.actions.project(texts.settings.project.tabs[tab]),
    icon: "settings",
    run: () => navigate(projectSettingsPath(projectId, tab)),
  }));

const themes: readonly Theme[] = ["system", "light", "dark", "contrast"];

function actions(client: Taskwire): readonly Command[] {
  const action = (id: string, text: string, icon: IconName, run: () => void): Command => ({
    id: `action ${id}`,
    group: "actions",
    text,
    icon,
    run,
  });
  return [
    action("new-project", words.actions.newProject, "plus", () => {
      newProjectOpen.value = true;
    }),
    ...themes.map((name) =>
      action(`theme-${name}`, words.actions.theme(texts.settings.appearance.themes[name]), "theme", () =>
        setTheme(name),
      ),
    ),
    action("sign-out", words.actions.signOut, "sign_out", () => void leave(client)),
  ];
}
