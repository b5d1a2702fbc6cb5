/** The chapters of the reference in their order: the tags of the endpoints. */
export const chapters: Readonly<Record<string, string>> = {
  accounts: "Signing up, in and out with the session cookie. The paths and their camelCase are those of better-auth.",
  people: "The caller, those the caller works with, and tokens for sockets and programs.",
  "api keys": "Keys for programs: a person's rights, cut down to scopes and projects.",
  projects: "Projects, their state at one moment (snapshot) and what happened to them (events).",
  members: "Who belongs to a project, in which role: owner, admin, member or viewer.",
  columns: "The columns of a project's board. A task's status is the slug of its column.",
  labels: "The labels of a project.",
  tasks: "Tasks, their subtasks, moves, and what they wait for.",
  checklists: "The checklist of a task.",
  comments: "Comments on tasks, and reactions to them.",
  activity: "What was done to a task or a project; it outlives the log of events.",
  notifications: "What the caller was told, and what the caller wants to be told.",
  sending: "Telling people something: for administrators and host applications.",
  events: "Events of other applications, told to everybody who hears the project.",
  operations: "For those who run the server.",
  reference: "This reference.",
};
