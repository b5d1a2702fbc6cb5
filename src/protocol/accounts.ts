/** Bodies of the account paths under /api/auth. Their keys are camelCase: the paths are better-auth's (see 3-protocol). */
import { z } from "zod";
import { Line } from "./text.ts";

export const passwordLength = { min: 8, max: 128 } as const;

const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email({ error: "is not an e-mail address" }))
  // Addresses of that name space are made up for people of a host application.
  .refine((email) => !email.endsWith(".invalid"), "is not an address that can receive mail");

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
