/** The palette (⌘K) and the list of shortcuts. */
import { plural } from "../format.ts";

export const palette = {
  title: "Search and commands",
  placeholder: "Go somewhere or do something…",
  results: (count: number) => plural(count, { one: "# result", other: "# results" }),
  nothing: (text: string) => `Nothing found for “${text}”.`,
  groups: { recent: "Used last", projects: "Projects", tasks: "Tasks", actions: "Actions", settings: "Settings" },
  goTo: (place: string) => `Go to: ${place}`,
  choose: "to choose",
  run: "to go",
  leave: "to close",
  shortcuts: {
    title: "Keyboard shortcuts",
    general: "Everywhere",
    letters: "Shortcuts of a single key",
    lettersHint: "Turn them off if you control the computer by voice.",
  },
  actions: {
    newProject: "New project",
    projects: "All projects",
    inbox: "Inbox",
    theme: (name: string) => `Theme: ${name}`,
    shortcuts: "Show keyboard shortcuts",
    signOut: "Sign out",
    mine: (tab: string) => `My settings: ${tab}`,
    project: (tab: string) => `This project: ${tab}`,
  },
};
