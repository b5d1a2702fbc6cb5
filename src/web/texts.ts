/** Everything the page says, in one place. */
import type { ConnectionState } from "../client/index.ts";
import type { Role } from "../protocol/projects.ts";

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const texts = {
  product: "Taskwire",
  loading: "Loading…",
  retry: "Try again",
  dismiss: "Dismiss",
  close: "Close",
  unreachable: "The server cannot be reached.",
  account: {
    signIn: "Sign in",
    signUp: "Make an account",
    signOut: "Sign out",
    toSignUp: "New here? Make an account",
    toSignIn: "You have an account? Sign in",
    setup: "Make the first account",
    setupHint: "It becomes this server's administrator.",
    name: "Name",
    email: "E-mail",
    password: "Password",
    passwordHint: "At least 8 characters.",
    ended: "You were signed out.",
    unsaved: (count: number) =>
      `${plural(count, "change is", "changes are")} not saved yet and will be lost. Sign out?`,
  },
  projects: {
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
    },
  },
  members: {
    title: "People",
    email: "E-mail of somebody with an account",
    add: "Add",
    role: "Role",
    roles: { owner: "Owner", admin: "Admin", member: "Member", viewer: "Viewer" } satisfies Record<Role, string>,
    added: (name: string) => `${name} is a member now.`,
  },
  board: {
    empty: "No tasks",
    add: "Add a task",
    addTo: (column: string) => `Add a task to ${column}`,
    count: (count: number) => plural(count, "task", "tasks"),
    columnOf: (task: string) => `Column of ${task}`,
    moved: (task: string, column: string) => `${task} moved to ${column}`,
    noKey: "new",
    viewedBy: (names: readonly string[]) => `${names.join(", ")} ${names.length === 1 ? "is" : "are"} looking at it`,
    open: (key: string, title: string) => `Open ${key}: ${title}`,
  },
  task: {
    title: "Title",
    description: "Description",
    column: "Column",
    assignees: "Assigned to",
    nobody: "Nobody",
    save: "Save",
    up: "Move up",
    down: "Move down",
    delete: "Delete task",
    confirmDelete: (title: string) => `Delete “${title}”? Its subtasks go with it.`,
    gone: "This task is no longer on the board.",
    comments: "Comments",
    noComments: "No comments yet.",
    comment: "Write a comment",
    send: "Comment",
    somebody: "Somebody",
  },
  live: {
    states: {
      connecting: "Connecting…",
      live: "Live",
      catching_up: "Catching up…",
      offline: "Offline",
    } satisfies Record<ConnectionState, string>,
    since: (time: string) => `Offline since ${time}`,
    waiting: (count: number) => `${plural(count, "change", "changes")} waiting`,
    here: "Here now",
    typing: (names: readonly string[]) =>
      names.length === 1 ? `${names[0]} is typing…` : `${names.join(", ")} are typing…`,
  },
  refused: (reason: string) => `Not saved: ${reason}`,
} as const;
