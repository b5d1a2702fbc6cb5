/** Readers of configuration values: text from the environment → checked value. Each knows the sentence of what it takes. */
import { isIP } from "node:net";
import { z } from "zod";

/** What the reference and the error messages say about one variable. */
export interface VariableProse {
  readonly group:
    | "Server"
    | "Data"
    | "Accounts"
    | "Network"
    | "Live connections"
    | "Limits"
    | "Mail and push"
    | "Logs"
    | "Metrics";
  /** One or more sentences: what it is for. */
  readonly about: string;
  /** Completes "it takes …". */
  readonly takes: string;
  /** A secret is never echoed, and may be given as `NAME_FILE`. */
  readonly secret?: boolean;
  /** Describes the value where it is absent and the default depends on something. */
  readonly fallback?: string;
}

export const variableProse = z.registry<VariableProse>();

export const text = () => z.string();

export const host = () => z.string().regex(/^[\w.-]+$|^[\da-fA-F:.]+$/);

/** A whole number in decimal notation. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);

export const flag = () => z.enum(["true", "false"]).transform((value) => value === "true");

/** `https://tasks.example.org`: scheme, host and port alone; answered in the form browsers send as `Origin`. */
const isOrigin = (value: string): boolean => {
  const url = URL.parse(value);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return false;
  return url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
};

export const origin = () =>
  z
    .string()
    .refine(isOrigin)
    .transform((value) => new URL(value).origin);

const items = (value: string): string[] =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const isNetwork = (value: string): boolean => {
  const [address, prefix, ...rest] = value.split("/");
  const family = isIP(address ?? "");
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
};

const list = (isItem: (value: string) => boolean) =>
  z
    .string()
    .transform(items)
    .superRefine((values, context) => {
      const bad = values.filter((value) => !isItem(value));
      if (bad.length > 0) context.addIssue({ code: "custom", message: `not one: ${bad.join(", ")}` });
    })
    .readonly();

export const origins = () =>
  list(isOrigin)
    .transform((values) => values.map((value) => new URL(value).origin))
    .readonly();

/** What a process does: `web` answers people and programs, `jobs` does all that nobody waits for. */
const roleNames = ["web", "jobs"] as const;
export type Role = (typeof roleNames)[number];
const isRole = (value: string): value is Role => roleNames.some((name) => name === value);

/** At least one, each once. */
export const roles = () =>
  list(isRole)
    .refine((values) => values.length > 0)
    .transform((values): readonly Role[] => roleNames.filter((name) => values.includes(name)));

/** Addresses or CIDR blocks of IPv4 and IPv6. */
export const networks = () => list(isNetwork);

/** Its parts are read by the one who connects. */
export const databaseUrl = () =>
  z.string().refine((value) => /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? ""));

/** `redis://user:password@host:6379/0`; rediss speaks TLS. */
export const redisUrl = () =>
  z.string().refine((value) => {
    const url = URL.parse(value);
    return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== "" && /^\/?\d*$/.test(url.pathname);
  });

export const smtpUrl = () =>
  z.string().refine((value) => {
    const url = URL.parse(value);
    return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== "";
  });

/** `tasks@example.org` or `Tasks <tasks@example.org>`. */
export const sender = () =>
  z
    .string()
    .regex(/^(?:[^<>\r\n"]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
    .transform((value) => {
      const [, name, address] = /^([^<]+)<([^>]+)>$/.exec(value) ?? [];
      return { name: name?.trim(), address: address ?? value };
    });

/** A key of Web Push in base64url: `bytes` of it. */
export const vapidKey = (bytes: number) =>
  z.string().refine((value) => /^[\w-]+$/.test(value) && Buffer.from(value, "base64url").length === bytes);
