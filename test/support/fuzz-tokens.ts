/** Tokens and API keys with every part altered, and what the server must say to them. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import type { Json } from "./hostile.ts";

/** How a token is shown to the server. */
export const tokenWays = ["header", "cookie", "upgrade", "subprotocol", "frame"] as const;

export type TokenChange =
  /** The text is altered at a place (taken modulo its length). */
  | { readonly how: "flip" | "cut" | "insert"; readonly at: number; readonly text: string }
  | { readonly how: "whole"; readonly text: string }
  /** Other fields of a JWT's header or claims under the old signature, one of another key, or the host application's own. */
  | {
      readonly how: "fields";
      readonly part: "header" | "claims";
      readonly fields: Readonly<Record<string, Json>>;
      readonly signed: "as before" | "host" | "other key" | "empty key" | "not at all";
      /** Is such a token wrong even where the host application signed it? */
      readonly wrong: boolean;
    };

export interface TokenInput {
  readonly kind: "token";
  /** Whose: a JWT of the host application, one of `POST /api/token`, an API key. */
  readonly base: "host" | "own" | "key";
  readonly way: (typeof tokenWays)[number];
  readonly change: TokenChange;
}

/** What a header may hold. */
const letter = fc.constantFrom(...'abcXYZ019-_.=+/~ !{}"%\\,;');
const letters = fc.string({ unit: letter, maxLength: 12 });

const textual: fc.Arbitrary<TokenChange> = fc.oneof(
  fc.record({
    how: fc.constantFrom("flip" as const, "cut" as const, "insert" as const),
    at: fc.nat(500),
    text: letters,
  }),
  fc.record({
    how: fc.constant("whole" as const),
    text: fc.oneof(
      letters,
      fc.constantFrom(
        "..",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.e30.",
        "tw_",
        `tw_${"a".repeat(10)}_${"b".repeat(32)}`,
        "null",
        "Bearer",
      ),
      fc.constantFrom(
        "x".repeat(9_000),
        `eyJ${"A".repeat(20_000)}.e30.x`,
        ".".repeat(2_000),
        `tw_${"x".repeat(5_000)}`,
      ),
    ),
  }),
);

const wrongHeaders: readonly Readonly<Record<string, Json>>[] = [
  { alg: "none" },
  { alg: "None" },
  { alg: "hs256" },
  { alg: "HS384" },
  { alg: "HS512" },
  { alg: "RS256" },
  { alg: "ES256" },
  { alg: "EdDSA" },
  { alg: "" },
  { alg: 256 },
  { alg: null },
  { alg: ["HS256"] },
  { crit: ["b64"], b64: false },
  { crit: "b64" },
];
const oddHeaders: readonly Readonly<Record<string, Json>>[] = [
  { kid: "../../../dev/null" },
  { kid: "' or 1=1 --" },
  { jku: "http://127.0.0.1/keys" },
  { jwk: { kty: "oct", k: "AA" } },
  { typ: "JWE" },
  { x5c: ["AA"] },
  { b64: true },
  { enc: "A128GCM" },
];
const wrongClaims: readonly Readonly<Record<string, Json>>[] = [
  { exp: 1 },
  { exp: -1 },
  { exp: "4102444800" },
  { exp: null },
  { exp: {} },
  { nbf: 4_102_444_800 },
  { nbf: "x" },
  { sub: "" },
  { sub: " " },
  { sub: 7 },
  { sub: null },
  { sub: ["a"] },
  { sub: { id: 1 } },
  { sub: "a\0b" },
  { sub: "\ud800" },
  { sub: "x".repeat(300) },
  { iss: 7 },
  { iss: "" },
  { iss: "a\0b" },
];
const oddClaims: readonly Readonly<Record<string, Json>>[] = [
  { exp: 1e15 },
  { name: "" },
  { name: "a\0b" },
  { name: "\ud800" },
  { name: "💥".repeat(300) },
  { aud: "somebody else" },
  { role: "admin" },
  { iss: "elsewhere" },
  // The host application may call itself what it likes; its tokens are not ours for that.
  { iss: "taskwire" },
  { iss: "taskwire", sid: "01a1fc20-d65a-74a9-913b-504653241700" },
  { key: "01a1fc20-d65a-74a9-913b-504653241700", sid: "x" },
  { jti: 5 },
  { __proto: { role: "admin" } },
];

const fields = (part: "header" | "claims", all: readonly Readonly<Record<string, Json>>[], wrong: boolean) =>
  fc.record({
    how: fc.constant("fields" as const),
    part: fc.constant(part),
    fields: fc.constantFrom(...all),
    signed: fc.constantFrom(
      "as before" as const,
      "host" as const,
      "other key" as const,
      "empty key" as const,
      "not at all" as const,
    ),
    wrong: fc.constant(wrong),
  });

const anyChange: fc.Arbitrary<TokenChange> = fc.oneof(
  textual,
  fields("header", wrongHeaders, true),
  fields("header", oddHeaders, false),
  fields("claims", wrongClaims, true),
  fields("claims", oddClaims, false),
);

export const tokenInputs: fc.Arbitrary<TokenInput> = fc.record({
  kind: fc.constant("token" as const),
  base: fc.constantFrom("host" as const, "own" as const, "key" as const),
  way: fc.constantFrom(...tokenWays),
  change: anyChange,
});

const sign = (text: string, key: string): string => createHmac("sha256", key).update(text).digest("base64url");
const decode = (part = ""): object => JSON.parse(Buffer.from(part, "base64url").toString());
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Alters `token`. A key has no fields: its text is cut there instead. */
export function alter(token: string, change: TokenChange, hostSecret: string): string {
  if (change.how === "whole") return change.text;
  if (change.how === "fields") return alterFields(token, change, hostSecret);
  const at = change.at % token.length;
  const rest = token.slice(change.how === "insert" ? at : at + Math.max(1, change.text.length));
  return token.slice(0, at) + (change.how === "cut" ? "" : change.text) + rest;
}

function alterFields(token: string, change: TokenChange & { how: "fields" }, hostSecret: string): string {
  const [head, claims, signature = ""] = token.split(".");
  if (claims === undefined) return token.slice(0, -1);
  const header = change.part === "header" ? encode({ ...decode(head), ...change.fields }) : head;
  const payload = change.part === "claims" ? encode({ ...decode(claims), ...change.fields }) : claims;
  const text = `${header}.${payload}`;
  const signatures = {
    "as before": () => signature,
    host: () => sign(text, hostSecret),
    "other key": () => sign(text, "another secret of nobody in particular"),
    "empty key": () => sign(text, ""),
    "not at all": () => "",
  };
  return `${text}.${signatures[change.signed]()}`;
}

/** Must this token be refused? The last letters of a signature may differ and still say the same bytes. */
export function mustBeRefused({ base, change }: TokenInput, before: string, after: string): boolean {
  // Whatever the host application signs speaks for its people, and for nobody else's.
  if (change.how === "fields" && base !== "key" && change.signed === "host") return change.wrong;
  if (after.trim() === before) return false;
  if (base === "key") return true;
  const [one, other] = [before, after.trim()].map((token) => token.split("."));
  if (!one || !other || other.length !== 3 || one[0] !== other[0] || one[1] !== other[1]) return true;
  return !Buffer.from(one[2] ?? "", "base64url").equals(Buffer.from(other[2] ?? "", "base64url"));
}
