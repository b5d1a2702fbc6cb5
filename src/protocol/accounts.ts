/** The account paths under /api/auth. Their keys are camelCase: the paths are those of better-auth. */
import { z } from "zod";
import { defineEndpoint, shownAs } from "./endpoint.ts";
import { Line } from "./text.ts";

export const passwordLength = { min: 8, max: 128 } as const;

const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email({ error: "is not an e-mail address" }))
  // Addresses of that name space are made up for people of a host application.
  .refine((email) => !email.endsWith(".invalid"), "is not an address that can receive mail")
  .register(shownAs, { format: "email" });

const NewPassword = z
  .string()
  .min(passwordLength.min, `takes at least ${passwordLength.min} characters`)
  .max(passwordLength.max, `takes at most ${passwordLength.max} characters`);

const webAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url?.protocol === "https:" || url?.protocol === "http:";
};
const Image = z.string().max(2000).refine(webAddress, "is not an http or https address").nullable();

/** `setup_token`: from the setup link; the header `x-setup-token` does the same. */
export const SignUp = z.object({
  email: Email,
  password: NewPassword,
  name: Line(200),
  image: Image.optional(),
  rememberMe: z.boolean().optional(),
  setup_token: z.string().max(200).optional(),
});
export type SignUp = z.infer<typeof SignUp>;

/** Any text may be tried as a password; a long one is refused before it is hashed. */
const GivenPassword = z.string().max(passwordLength.max, `takes at most ${passwordLength.max} characters`);

export const SignIn = z.object({
  email: Email,
  password: GivenPassword,
  rememberMe: z.boolean().optional(),
});

export const ChangePassword = z.object({ currentPassword: GivenPassword, newPassword: NewPassword });
export const UpdateAccount = z.strictObject({ name: Line(200), image: Image }).partial();
export const RevokeSession = z.object({ token: z.string().min(1).max(200) });

/** A person as the account paths show themselves to themselves. */
export const AccountUser = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  image: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A sign-in. Its token stands in the session cookie, signed; by itself it opens nothing. */
export const AccountSession = z.object({
  id: z.string(),
  userId: z.string(),
  token: z.string(),
  expiresAt: z.string(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

const SignedIn = z.object({ token: z.string(), user: AccountUser });
const Done = z.object({ status: z.boolean() });
const account = { tag: "accounts", scope: "session" } as const;

/**
 * `setup_link`: the first account, by the link that the server printed when it started. `invite` and `closed`: nobody makes
 * their own; an administrator does it for them, or takes no more.
 */
export const SignUpState = z.object({ sign_up: z.enum(["open", "setup_link", "invite", "closed"]) });
export type SignUpState = z.infer<typeof SignUpState>;

/** The paths under /api/auth, all of them; features/auth/handler.ts takes no other. */
export const accountEndpoints = {
  readSignUp: defineEndpoint({
    ...account,
    who: "anyone",
    method: "GET",
    path: "/api/auth/sign-up",
    summary: "Who may make an account here",
    description:
      "`open`: anybody. `setup_link`: whoever has the link that the server printed, for the first account. `invite`: whom an administrator makes one. `closed`: nobody.",
    answer: SignUpState,
  }),
  signUp: defineEndpoint({
    ...account,
    who: "anyone",
    method: "POST",
    path: "/api/auth/sign-up/email",
    summary: "Make an account, and sign in to it",
    description:
      "Sets the session cookie. Who may: SIGN_UP says. The server's first account is its administrator's, and takes the token of the setup link (`setup_token`, or the header `x-setup-token`) where sign-up is not open.",
    body: SignUp,
    answer: SignedIn,
    errors: ["forbidden"],
  }),
  signIn: defineEndpoint({
    ...account,
    who: "anyone",
    method: "POST",
    path: "/api/auth/sign-in/email",
    summary: "Sign in with a password",
    description:
      "Sets the session cookie. `unauthenticated` does not tell whether the address or the password is wrong.",
    body: SignIn,
    answer: SignedIn.extend({ redirect: z.boolean() }),
    errors: ["unauthenticated", "forbidden"],
  }),
  signOut: defineEndpoint({
    ...account,
    who: "anyone",
    method: "POST",
    path: "/api/auth/sign-out",
    summary: "End this session",
    description: "Clears the cookie and closes the session's sockets. Without a session nothing happens.",
    answer: z.object({ success: z.boolean() }),
    errors: ["forbidden"],
  }),
  getAccountSession: defineEndpoint({
    ...account,
    who: "anyone",
    method: "GET",
    path: "/api/auth/get-session",
    summary: "The session of the cookie; null where there is none",
    answer: z.object({ session: AccountSession, user: AccountUser }).nullable(),
  }),
  listAccountSessions: defineEndpoint({
    ...account,
    method: "GET",
    path: "/api/auth/list-sessions",
    summary: "The person's sessions",
    answer: z.array(AccountSession),
  }),
  revokeAccountSession: defineEndpoint({
    ...account,
    method: "POST",
    path: "/api/auth/revoke-session",
    summary: "End one of the person's sessions",
    description: "Its sockets are closed with 4403. A token that is none of theirs changes nothing.",
    body: RevokeSession,
    answer: Done,
    errors: ["forbidden"],
  }),
  revokeAccountSessions: defineEndpoint({
    ...account,
    method: "POST",
    path: "/api/auth/revoke-sessions",
    summary: "End all sessions of the person, this one too",
    answer: Done,
    errors: ["forbidden"],
  }),
  revokeOtherAccountSessions: defineEndpoint({
    ...account,
    method: "POST",
    path: "/api/auth/revoke-other-sessions",
    summary: "End all sessions of the person but this one",
    answer: Done,
    errors: ["forbidden"],
  }),
  changePassword: defineEndpoint({
    ...account,
    method: "POST",
    path: "/api/auth/change-password",
    summary: "Choose another password",
    description: "Every session ends; the answer sets the cookie of a new one.",
    body: ChangePassword,
    answer: SignedIn,
    errors: ["forbidden", "conflict"],
  }),
  updateAccount: defineEndpoint({
    ...account,
    method: "POST",
    path: "/api/auth/update-user",
    summary: "Change the person's name or picture",
    body: UpdateAccount,
    answer: Done,
    errors: ["forbidden"],
  }),
};
