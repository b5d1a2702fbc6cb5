/** Signing in and up. */
import { plural } from "../format.ts";

export const account = {
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
    plural(count, {
      one: "# change is not saved yet and will be lost. Sign out?",
      other: "# changes are not saved yet and will be lost. Sign out?",
    }),
};
