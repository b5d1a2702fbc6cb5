/** Configuration: the environment, read and checked once at start. The variables themselves are in variables.ts. */
import { createECDH } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { variableProse } from "./config-values.ts";
import { type VariableName, variableNames, variables } from "./variables.ts";

const Environment = z.object(variables);
type Environment = z.output<typeof Environment>;

/** What `toConfig` makes of the environment: camelCase, units in the names, every default applied. */
export type Config = ReturnType<typeof toConfig>;

const toConfig = (env: Environment) => {
  const production = env.MODE === "production";
  return {
    mode: env.MODE,
    host: env.HOST,
    port: env.PORT,
    /** Origin without a trailing slash. */
    publicUrl: env.PUBLIC_URL,
    tlsCertFile: env.TLS_CERT,
    tlsKeyFile: env.TLS_KEY,
    roles: env.ROLES,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    redisUrl: env.REDIS_URL,
    broker: env.BROKER === "auto" ? automaticBroker(env) : env.BROKER,
    eventRetentionDays: env.EVENT_RETENTION_DAYS,
    notificationRetentionDays: env.NOTIFICATION_RETENTION_DAYS,
    reminderTickSeconds: env.REMINDER_TICK_SECONDS,
    authSecret: env.AUTH_SECRET,
    signUp: env.SIGN_UP ?? (production ? "invite" : "open"),
    jwtTtlSeconds: env.JWT_TTL_SECONDS,
    trustedJwtSecret: env.TRUSTED_JWT_SECRET,
    trustedJwtIssuer: env.TRUSTED_JWT_ISSUER,
    trustedJwtAudience: env.TRUSTED_JWT_AUDIENCE,
    /** In the form browsers send as `Origin`. */
    corsOrigins: env.CORS_ORIGINS,
    /** Addresses or CIDR blocks. */
    trustedProxies: env.TRUSTED_PROXIES,
    webSocketEnabled: env.WEBSOCKET_ENABLED,
    webSocketPingIntervalSeconds: env.WEBSOCKET_PING_INTERVAL,
    webSocketPingTimeoutSeconds: env.WEBSOCKET_PING_TIMEOUT,
    webSocketMaxPayloadBytes: env.WEBSOCKET_MAX_PAYLOAD_BYTES,
    webSocketBufferBytes: env.WEBSOCKET_BUFFER_BYTES,
    webSocketRoomsMax: env.WEBSOCKET_ROOMS_MAX,
    rateLimitEnabled: env.RATE_LIMIT_ENABLED,
    rateLimitFramesPerSecond: env.RATE_LIMIT_FRAMES_PER_SECOND,
    rateLimitFramesBurst: env.RATE_LIMIT_FRAMES_BURST,
    rateLimitRequestsPerMinute: env.RATE_LIMIT_REQUESTS_PER_MINUTE,
    rateLimitSignInsPerMinute: env.RATE_LIMIT_SIGN_INS_PER_MINUTE,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    vapidPublicKey: env.VAPID_PUBLIC_KEY,
    vapidPrivateKey: env.VAPID_PRIVATE_KEY,
    vapidSubject: env.VAPID_SUBJECT,
    logLevel: env.LOG_LEVEL ?? (env.MODE === "test" ? "warn" : "info"),
    logFormat: env.LOG_FORMAT ?? (env.MODE === "development" ? "pretty" : "json"),
    metricsToken: env.METRICS_TOKEN,
  } as const;
};

function automaticBroker(env: Pick<Environment, "REDIS_URL" | "DATABASE_URL">) {
  if (env.REDIS_URL !== undefined) return "redis";
  return env.DATABASE_URL === undefined ? "memory" : "postgres";
}

/** Everything that is wrong with the environment, one sentence each; never holds a secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

type Given = Partial<Record<VariableName, string>>;
type Env = Readonly<Record<string, string | undefined>>;

/** Reads and checks the environment (`process.env`). Throws one ConfigError with all that is wrong. */
export function loadConfig(env: Env): Config {
  const problems: string[] = [];
  const given = readGiven(env, problems);
  const parsed = Environment.safeParse(given);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => sentence(issue, given)));
  problems.push(...conflicts(given));
  if (!parsed.success || problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return toConfig(parsed.data);
}

/** The variables that are set; an empty one counts as absent, as compose files and `.env` leave them. */
function readGiven(env: Env, problems: string[]): Given {
  const given: Given = {};
  for (const name of variableNames) {
    const plain = env[name]?.trim();
    const file = variableProse.get(variables[name])?.secret ? env[`${name}_FILE`]?.trim() : undefined;
    if (plain && file) problems.push(`${name} and ${name}_FILE are both set; it takes one of them`);
    const value = plain || (file && readSecret(`${name}_FILE`, file, problems));
    if (value) given[name] = value;
  }
  return given;
}

function readSecret(name: string, file: string, problems: string[]): string | undefined {
  try {
    const value = readFileSync(file, "utf8").trim();
    if (value === "") problems.push(`${name} is ${JSON.stringify(file)}, an empty file; it takes a file with a value`);
    return value;
  } catch {
    problems.push(`${name} is ${JSON.stringify(file)}; it takes the path of a readable file`);
    return undefined;
  }
}

function sentence(issue: z.core.$ZodIssue, given: Given): string {
  const name = variableNames.find((candidate) => candidate === issue.path[0]);
  const prose = name && variableProse.get(variables[name]);
  if (!name || !prose) return issue.message;
  const got = prose.secret ? "set (not shown here)" : JSON.stringify(given[name]);
  const why = issue.code === "custom" && issue.message !== "Invalid input" ? ` (${issue.message})` : "";
  return `${name} is ${got}; it takes ${prose.takes}${why}`;
}

/** Values that are good alone and wrong together. */
function conflicts(given: Given): string[] {
  const problems: string[] = [];
  const needs = (name: VariableName, other: VariableName) => {
    if (given[name] && !given[other]) problems.push(`${name} is set and ${other} is not; it takes both`);
  };
  needs("TLS_CERT", "TLS_KEY");
  needs("TLS_KEY", "TLS_CERT");
  needs("TRUSTED_JWT_ISSUER", "TRUSTED_JWT_SECRET");
  needs("TRUSTED_JWT_AUDIENCE", "TRUSTED_JWT_SECRET");
  needs("SMTP_URL", "MAIL_FROM");
  needs("MAIL_FROM", "SMTP_URL");
  needs("VAPID_PUBLIC_KEY", "VAPID_PRIVATE_KEY");
  needs("VAPID_PRIVATE_KEY", "VAPID_PUBLIC_KEY");
  if (!isPair(given.VAPID_PUBLIC_KEY, given.VAPID_PRIVATE_KEY))
    problems.push("VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY; it takes the two that were made together");
  if (given.BROKER === "postgres") needs("BROKER", "DATABASE_URL");
  if (given.BROKER === "redis") needs("BROKER", "REDIS_URL");
  if (given.DATABASE_URL === undefined && Environment.shape.ROLES.safeParse(given.ROLES).data?.length === 1) {
    problems.push(
      `ROLES is "${given.ROLES}" and DATABASE_URL is not set; the embedded database belongs to one process, which takes web,jobs`,
    );
  }
  for (const name of ["TLS_CERT", "TLS_KEY"] as const) readable(name, given[name], problems);
  const interval = Number(given.WEBSOCKET_PING_INTERVAL ?? Environment.shape.WEBSOCKET_PING_INTERVAL.parse(undefined));
  const timeout = Number(given.WEBSOCKET_PING_TIMEOUT ?? Environment.shape.WEBSOCKET_PING_TIMEOUT.parse(undefined));
  if (timeout <= interval) {
    problems.push(
      `WEBSOCKET_PING_TIMEOUT is ${timeout}; it takes more than WEBSOCKET_PING_INTERVAL, which is ${interval}`,
    );
  }
  return problems;
}

/** False for two keys of which the one does not follow from the other. */
function isPair(publicKey: string | undefined, privateKey: string | undefined): boolean {
  if (publicKey === undefined || privateKey === undefined) return true;
  const curve = createECDH("prime256v1");
  try {
    curve.setPrivateKey(Buffer.from(privateKey, "base64url"));
  } catch {
    return false;
  }
  return curve.getPublicKey("base64url") === publicKey.replace(/=+$/, "");
}

function readable(name: VariableName, file: string | undefined, problems: string[]): void {
  if (file) readSecret(name, file, problems);
}
