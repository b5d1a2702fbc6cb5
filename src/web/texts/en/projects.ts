/** The list of projects, and what happens to a project as a whole. */
import type { Closed } from "../../../client/index.ts";

export const projects = {
  title: "Projects",
  none: "No projects yet. Make the first one.",
  name: "Name of a new project",
  create: "Make project",
  back: "All projects",
  missing: "There is no such project, or you are not a member of it.",
  closed: {
    deleted: "This project was deleted.",
    left: "You are no longer a member of this project.",
    unavailable: "This project cannot be opened.",
  } satisfies Record<Closed, string>,
};
