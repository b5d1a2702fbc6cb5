/** Requests to every endpoint: paths, queries, bodies and headers, as they should be and as they should not. */
import fc from "fast-check";
import { type Endpoint, MutationBody } from "../../src/protocol/endpoint.ts";
import { type EndpointName, endpoints } from "../../src/protocol/endpoints.ts";
import { frameCallers } from "./fuzz-frames.ts";
import type { Caller, Damage, RequestInput } from "./fuzz-inputs.ts";
import { anyCharacter, anyThing, kindOf, valuesFor, valuesOf } from "./fuzz-values.ts";
import { encodeHostile, hostile } from "./hostile.ts";

/** How the bytes of a body differ from its text. */
export const damages = [
  "cut",
  "latin1",
  "bom",
  "twice",
  "trailing",
  "empty",
  "doubled",
  "utf16",
  "nan",
  "overlong",
  "huge",
] as const;

const usually = <Value>(usual: Value, other: fc.Arbitrary<Value>, times = 8): fc.Arbitrary<Value> =>
  fc.oneof({ weight: times, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

/** What an endpoint is about: the kind of thing it makes, or that its last parameter names. */
export function nounOf({ path, status }: Endpoint): string {
  const parts = path.split("/");
  const isNoun = (part: string | undefined) => /^[a-z][a-z-]*$/.test(part ?? "");
  const named = status === 201 ? undefined : parts.findLast((part, i) => isNoun(part) && parts[i + 1]?.startsWith(":"));
  return named ?? parts.findLast(isNoun) ?? "things";
}

const brokenParam = fc.oneof(
  fc.constantFrom("%00", "%ff", "%", "null", "..%2f..", "%F0%9F%98%80", "x".repeat(3_000), "'%20or%201=1--", "%C0%AF"),
  fc
    .string({ unit: anyCharacter, minLength: 1, maxLength: 20 })
    .map((text) => `p${encodeURIComponent(text.toWellFormed())}`),
);

function paramOf(path: string, name: string): fc.Arbitrary<string> {
  const before =
    path
      .slice(0, path.indexOf(`:${name}`))
      .split("/")
      .at(-2) ?? "";
  const isId = name === "id" || name.endsWith("_id");
  if (isId)
    return fc.oneof({ weight: 20, arbitrary: anyThing(kindOf(name, before)) }, { weight: 1, arbitrary: brokenParam });
  const words = fc.constantFrom("👍", "🎉", "👩‍👩‍👧", "a", "👍👍").map(encodeURIComponent);
  return fc.oneof({ weight: 5, arbitrary: words }, { weight: 1, arbitrary: brokenParam });
}

function pathsOf({ path }: Endpoint): fc.Arbitrary<string> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return fc
    .tuple(...names.map((name) => paramOf(path, name)))
    .map((values) => names.reduce((text, name, i) => text.replace(`:${name}`, values[i] ?? ""), path));
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/%E2%80%B9/g, "‹")
    .replace(/%E2%80%BA/g, "›");

const strayQuery = fc.oneof(
  fc.constantFrom(
    "limit=1&limit=2",
    "__proto__=1",
    "a[]=1",
    "%00=%00",
    "=",
    "&&&",
    "limit=%ff",
    "limit=1e3",
    "cursor=e30",
    "token=x",
  ),
  fc
    .tuple(fc.string({ unit: anyCharacter, maxLength: 8 }), hostile)
    .map(([name, value]) => `${encode(name)}=${encode(textOf(value).slice(0, 2_000))}`),
  fc.constantFrom(
    "cursor=W10",
    "cursor=WyIwIl0",
    "cursor=bnVsbA",
    "q=%F0%9F",
    `q=${"a".repeat(3_000)}`,
    "since=-1",
    "archived=yes",
  ),
);

function queriesOf(endpoint: Endpoint): fc.Arbitrary<string> {
  const { query } = endpoint;
  if (!query) return usually("", strayQuery, 30);
  const valid = fc
    .oneof(...[true, false].map((calm) => valuesOf(query, nounOf(endpoint), calm)))
    .map((value) => Object.entries(value ?? {}).map(([name, item]) => `${encode(name)}=${encode(textOf(item))}`));
  return fc
    .tuple(valid, usually([], fc.array(strayQuery, { minLength: 1, maxLength: 2 }), 6))
    .map(([pairs, stray]) => [...pairs, ...stray].join("&"));
}

function bodiesOf(endpoint: Endpoint): fc.Arbitrary<string | undefined> {
  const { method, body } = endpoint;
  if (method === "GET") return fc.constant(undefined);
  const texts = valuesFor(body ?? MutationBody, nounOf(endpoint)).map(encodeHostile);
  return body
    ? fc.oneof({ weight: 30, arbitrary: texts }, { weight: 1, arbitrary: fc.constant(undefined) })
    : usually(undefined, texts, 2);
}

const header = fc.oneof(
  fc.tuple(
    fc.constant("if-match"),
    fc.constantFrom('"1"', '"2"', "3", "*", 'W/"1"', '"0"', "x", '"99999999999"', '"1", "2"', ""),
  ),
  fc.tuple(fc.constant("idempotency-key"), fc.constantFrom("m0", "m1", "m2", "", "x".repeat(201), "é", "m9 ")),
  fc.tuple(
    fc.constant("content-type"),
    fc.constantFrom(
      "text/plain",
      "application/json; charset=utf-16",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "",
      "application/merge-patch+json",
      "json",
    ),
  ),
  fc.tuple(fc.constant("accept-encoding"), fc.constantFrom("gzip", "gzip;q=0", "br", "*", "x".repeat(500))),
  fc.tuple(fc.constant("content-encoding"), fc.constantFrom("gzip", "br", "identity")),
  fc.tuple(fc.constant("x-request-id"), fc.constantFrom("é", "x".repeat(500), "a b", "1")),
  fc.tuple(fc.constant("x-forwarded-for"), fc.constantFrom("1.2.3.4", "::1", "x", "1.1.1.1, 2.2.2.2")),
  fc.tuple(fc.constant("origin"), fc.constantFrom("null", "https://evil.example", "http://127.0.0.1", "x")),
  fc.tuple(
    fc.constant("cookie"),
    fc.constantFrom("taskwire.session_token=x", "a=b; a=c", "=;;=", "taskwire.session_token=%00.%ff"),
  ),
  fc.tuple(
    fc.constantFrom("range", "expect-ct", "accept", "if-none-match", "x-setup-token"),
    fc.constantFrom("bytes=0-1", "*/*", '"x"', "é"),
  ),
);

const anyCaller = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<Caller>("owner", "member") },
  { weight: 5, arbitrary: fc.constantFrom<Caller>(...frameCallers) },
  { weight: 1, arbitrary: fc.constantFrom<Caller>("guest", "nobody", "publishKey") },
);

/** Hashing passwords is slow on purpose; deleting leaves nothing to try. */
function weightOf({ path, method }: Endpoint): number {
  if (!path.startsWith("/api/")) return 1;
  if (path.startsWith("/api/auth/")) return 2;
  return method === "DELETE" ? 4 : 8;
}

function requestsOf(name: EndpointName): fc.Arbitrary<RequestInput> {
  const endpoint: Endpoint = endpoints[name];
  const account = endpoint.path.startsWith("/api/auth/");
  return fc.record({
    kind: fc.constant("request" as const),
    endpoint: fc.constant(name),
    caller: account ? fc.constantFrom<Caller>("guest", "guest", "nobody", "member") : anyCaller,
    path: fc
      .tuple(pathsOf(endpoint), queriesOf(endpoint))
      .map(([path, query]) => (query === "" ? path : `${path}?${query}`)),
    body: bodiesOf(endpoint),
    damage: usually<Damage>("none", fc.constantFrom(...damages), 20),
    headers: usually([], fc.array(header, { minLength: 1, maxLength: 2 }), 10),
  });
}

const endpointNames = Object.keys(endpoints).filter((name): name is EndpointName => name in endpoints);

export const requestInputs: fc.Arbitrary<RequestInput> = fc.oneof(
  ...endpointNames.map((name) => ({ weight: weightOf(endpoints[name]), arbitrary: requestsOf(name) })),
);
