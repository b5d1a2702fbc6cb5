/** The list of projects, and what happens to a project as a whole. */
import type { Closed } from "../../../client/index.ts";

export const projects = {
  title: "Projects",
  back: "All projects",
  search: "Find a project",
  none: "No projects yet",
  noneHint: "Make your first one, or let a sample show you around.",
  noMatch: (text: string) => `No project matches “${text}”.`,
  create: "New project",
  make: "Make project",
  name: "Name",
  key: "Key",
  keyHint: "Two to ten capital letters or digits, as WEB in WEB-42.",
  keyAuto: "Made of the name",
  description: "What is it for?",
  active: (when: string) => `active ${when}`,
  more: (name: string) => `More for ${name}`,
  settings: "Settings",
  rename: "Rename",
  delete: "Delete",
  missing: "There is no such project, or you are not a member of it.",
  closed: {
    deleted: "This project was deleted.",
    left: "You are no longer a member of this project.",
    unavailable: "This project cannot be opened.",
  } satisfies Record<Closed, string>,
};
