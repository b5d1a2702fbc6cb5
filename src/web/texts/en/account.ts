/** Signing in and up, the first run, a session that ended. */
import { plural } from "../format.ts";

export const account = {
  signIn: "Sign in",
  signInTitle: "Sign in",
  signUp: "Make an account",
  signUpTitle: "Make your account",
  signOut: "Sign out",
  toSignUp: "New here? Make an account",
  toSignIn: "You have an account? Sign in",
  noSignUp: {
    invite: "New here? Accounts on this server are made by invitation: ask its administrator for one.",
    closed: "This server takes no new accounts. Its administrator can make one for you.",
    setup_link: "Nobody has an account here yet. The first is made through the setup link that the server printed.",
  },
  setupDone: "This setup link has done its work: the first account is made.",
  setup: "Make the first account",
  setupTitle: "Welcome to Taskwire",
  setupHint: "This is the first account. It becomes this server's administrator.",
  name: "Name",
  email: "E-mail",
  password: "Password",
  passwordHint: "At least 8 characters. A few words that only you would put together are best.",
  passwordShort: (missing: number) => plural(missing, { one: "# more character.", other: "# more characters." }),
  showPassword: "Show password",
  hidePassword: "Hide password",
  capsLock: "Caps Lock is on.",
  wrong: "The e-mail address or the password is wrong. If you forgot it, an administrator can give you a new one.",
  tooMany: (seconds: number) =>
    `Too many attempts. Try again in ${plural(seconds, { one: "# second", other: "# seconds" })}.`,
  ended: "You were signed out.",
  unsaved: (count: number) =>
    plural(count, {
      one: "# change is not saved yet and will be lost. Sign out?",
      other: "# changes are not saved yet and will be lost. Sign out?",
    }),
  again: {
    title: "Sign in again",
    hint: "Your session has ended. Sign in to go on: what you have typed is still here.",
    other: "Leave, and lose what is not saved",
    done: "You are signed in again.",
  },
  start: {
    title: (name: string) => `Welcome, ${name}`,
    lead: "How do you want to begin?",
    sample: "Sample project",
    sampleHint: "A real board with ten tasks, labels and comments to try things on.",
    empty: "Empty project",
    emptyHint: "A board with four columns and nothing on it yet.",
    emptyName: "My first project",
    making: "Making your board…",
    later: "Show my projects",
  },
};
