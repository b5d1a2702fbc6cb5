/**
 * Every environment variable with its prose. docs/configuration.md and .env.example are generated from this table
 * (`bun run docs:generate`).
 */
import { z } from "zod";
import {
  databaseUrl,
  flag,
  host,
  networks,
  origin,
  origins,
  redisUrl,
  roles,
  sender,
  smtpUrl,
  text,
  vapidKey,
  variableProse,
  whole,
} from "./config-values.ts";

const minSecretLength = 32;
/** The host application chose its secret long ago; only what can be guessed outright is refused. */
const minForeignSecretLength = 16;
const secretText = (min: number) => z.string().min(min);
const secretTakes = (min: number) => `a secret of at least ${min} characters`;

/** Every variable, by its name in the environment, in the order of the reference. */
export const variables = {
  MODE: z.enum(["development", "production", "test"]).default("production").register(variableProse, {
    group: "Server",
    about: "What the server is run for. It sets the defaults of SIGN_UP, LOG_FORMAT and LOG_LEVEL.",
    takes: "development, production or test",
  }),
  HOST: host().default("127.0.0.1").register(variableProse, {
    group: "Server",
    about: "The address to listen on. 0.0.0.0 or :: listens on every interface.",
    takes: "an IP address or a host name",
  }),
  PORT: whole(0, 65_535).default(3000).register(variableProse, {
    group: "Server",
    about: "The port to listen on. 0 picks a free one and prints it.",
    takes: "a whole number from 0 to 65535",
  }),
  PUBLIC_URL: origin().optional().register(variableProse, {
    group: "Server",
    about:
      "Where people reach the server, when that is not the address it listens on (behind a proxy). An https address makes cookies Secure.",
    takes: "an http or https address without a path, such as https://tasks.example.org",
    fallback: "the address it listens on",
  }),
  TLS_CERT: text().optional().register(variableProse, {
    group: "Server",
    about: "A PEM file with the certificate chain, to speak https without a proxy. Needs TLS_KEY.",
    takes: "the path of a readable file",
  }),
  TLS_KEY: text().optional().register(variableProse, {
    group: "Server",
    about: "A PEM file with the private key. Needs TLS_CERT.",
    takes: "the path of a readable file",
  }),
  ROLES: roles().default(["web", "jobs"]).register(variableProse, {
    group: "Server",
    about:
      "What this process does. web: the page, the API and live connections. jobs: notifications, reminders, mail and push. One without the other needs DATABASE_URL, and a process elsewhere that has the other.",
    takes: "web, jobs or web,jobs",
  }),
  DATA_DIR: text().default("./data").register(variableProse, {
    group: "Data",
    about: "The folder of the embedded database and of secrets the server makes for itself. Made when absent.",
    takes: "the path of a folder",
  }),
  DATABASE_URL: databaseUrl().optional().register(variableProse, {
    group: "Data",
    about: "A PostgreSQL server (15 or later). Without it the embedded database in DATA_DIR is used.",
    takes: "an address such as postgres://user:password@host:5432/database",
    secret: true,
    fallback: "the embedded database",
  }),
  DATABASE_POOL_SIZE: whole(2, 500).default(16).register(variableProse, {
    group: "Data",
    about: "Connections to PostgreSQL. The embedded database has one.",
    takes: "a whole number from 2 to 500",
  }),
  REDIS_URL: redisUrl().optional().register(variableProse, {
    group: "Data",
    about:
      "A Redis (6 or later) that several servers on one database share: they wake each other through it and count limits together. It holds nothing that may not be lost, and may be shared with other installations and programs. While it is down, or not there yet, the server works on without it. rediss:// speaks TLS; an authority of your own is named by NODE_EXTRA_CA_CERTS.",
    takes: "an address such as redis://user:password@host:6379/0, or rediss:// for TLS",
    secret: true,
    fallback: "no Redis",
  }),
  BROKER: z.enum(["auto", "memory", "postgres", "redis"]).default("auto").register(variableProse, {
    group: "Data",
    about:
      "How several servers on one database wake each other. auto: redis with REDIS_URL, else postgres with DATABASE_URL, else memory, which is for one server alone. All of them take the same one.",
    takes: "auto, memory, postgres or redis",
  }),
  EVENT_RETENTION_DAYS: whole(1, 36_500).default(90).register(variableProse, {
    group: "Data",
    about: "How many days of events are kept for clients that come back. One that was away longer loads a snapshot.",
    takes: "a whole number from 1 to 36500",
  }),
  NOTIFICATION_RETENTION_DAYS: whole(1, 36_500).default(180).register(variableProse, {
    group: "Data",
    about: "How many days notifications are kept in people's inboxes, and jobs that failed for good.",
    takes: "a whole number from 1 to 36500",
  }),
  REMINDER_TICK_SECONDS: whole(1, 3600).default(1).register(variableProse, {
    group: "Data",
    about: "How often the server looks for reminders that are due.",
    takes: "a whole number from 1 to 3600",
  }),
  AUTH_SECRET: secretText(minSecretLength)
    .optional()
    .register(variableProse, {
      group: "Accounts",
      about:
        "Signs sessions, tokens and links in mails. Servers that live on one database need the same one: another is refused.",
      takes: secretTakes(minSecretLength),
      secret: true,
      fallback: "made at the first start and kept in DATA_DIR",
    }),
  SIGN_UP: z.enum(["open", "invite", "closed"]).optional().register(variableProse, {
    group: "Accounts",
    about:
      "Who may make an account: anyone, the invited (the first owner uses the setup link the server prints), or nobody.",
    takes: "open, invite or closed",
    fallback: "invite in production, else open",
  }),
  JWT_TTL_SECONDS: whole(60, 86_400).default(900).register(variableProse, {
    group: "Accounts",
    about: "How long a token of POST /api/token is valid.",
    takes: "a whole number from 60 to 86400",
  }),
  TRUSTED_JWT_SECRET: secretText(minForeignSecretLength)
    .optional()
    .register(variableProse, {
      group: "Accounts",
      about: "The HS256 key of a host application whose tokens are accepted. A person is made when first seen.",
      takes: secretTakes(minForeignSecretLength),
      secret: true,
      fallback: "no foreign tokens are accepted",
    }),
  TRUSTED_JWT_ISSUER: text().optional().register(variableProse, {
    group: "Accounts",
    about: "The `iss` a token of the host application must carry. Needs TRUSTED_JWT_SECRET.",
    takes: "a text",
    fallback: "any issuer",
  }),
  TRUSTED_JWT_AUDIENCE: text().optional().register(variableProse, {
    group: "Accounts",
    about: "The `aud` a token of the host application must carry. Needs TRUSTED_JWT_SECRET.",
    takes: "a text",
    fallback: "any audience",
  }),
  CORS_ORIGINS: origins().default([]).register(variableProse, {
    group: "Network",
    about: "Other sites whose pages may use the API and the sockets, by a token or the visitor's cookie.",
    takes: "origins separated by commas, such as https://app.example.org,https://intranet.example.org:8443",
    fallback: "none",
  }),
  TRUSTED_PROXIES: networks().default([]).register(variableProse, {
    group: "Network",
    about: "Proxies whose X-Forwarded-For is believed.",
    takes: "addresses or CIDR blocks separated by commas, such as 127.0.0.1,10.0.0.0/8",
    fallback: "none",
  }),
  WEBSOCKET_ENABLED: flag().default(true).register(variableProse, {
    group: "Live connections",
    about: "Whether live connections are accepted.",
    takes: "true or false",
  }),
  WEBSOCKET_PING_INTERVAL: whole(1, 3600).default(25).register(variableProse, {
    group: "Live connections",
    about: "Seconds between two pings of the server.",
    takes: "a whole number from 1 to 3600",
  }),
  WEBSOCKET_PING_TIMEOUT: whole(2, 7200).default(60).register(variableProse, {
    group: "Live connections",
    about: "Seconds without a byte received after which a connection is closed.",
    takes: "a whole number from 2 to 7200, more than WEBSOCKET_PING_INTERVAL",
  }),
  WEBSOCKET_MAX_PAYLOAD_BYTES: whole(1024, 16_777_216).default(65_536).register(variableProse, {
    group: "Live connections",
    about: "The largest frame accepted from a client, in bytes. A larger one closes the connection with 1009.",
    takes: "a whole number from 1024 to 16777216",
  }),
  WEBSOCKET_BUFFER_BYTES: whole(65_536, 268_435_456).default(1_048_576).register(variableProse, {
    group: "Live connections",
    about: "Bytes that may wait for a slow client before its connection is closed. It catches up when it comes back.",
    takes: "a whole number from 65536 to 268435456",
  }),
  WEBSOCKET_ROOMS_MAX: whole(1, 100_000).default(500).register(variableProse, {
    group: "Live connections",
    about: "Projects one connection may have joined at a time.",
    takes: "a whole number from 1 to 100000",
  }),
  RATE_LIMIT_ENABLED: flag().default(true).register(variableProse, {
    group: "Limits",
    about: "Whether the rate limits below apply.",
    takes: "true or false",
  }),
  RATE_LIMIT_FRAMES_PER_SECOND: whole(1, 100_000).default(20).register(variableProse, {
    group: "Limits",
    about: "Frames a second one live connection may send for long.",
    takes: "a whole number from 1 to 100000",
  }),
  RATE_LIMIT_FRAMES_BURST: whole(1, 1_000_000).default(60).register(variableProse, {
    group: "Limits",
    about: "Frames one live connection may send at once.",
    takes: "a whole number from 1 to 1000000",
  }),
  RATE_LIMIT_REQUESTS_PER_MINUTE: whole(1, 10_000_000).default(600).register(variableProse, {
    group: "Limits",
    about: "API requests a minute for each person, and for each address where nobody is signed in.",
    takes: "a whole number from 1 to 10000000",
  }),
  RATE_LIMIT_SIGN_INS_PER_MINUTE: whole(1, 1_000_000).default(10).register(variableProse, {
    group: "Limits",
    about: "Attempts to sign in a minute for each address and account.",
    takes: "a whole number from 1 to 1000000",
  }),
  SMTP_URL: smtpUrl().optional().register(variableProse, {
    group: "Mail and push",
    about:
      "The mail server that notifications leave by. smtps speaks TLS from the first byte, smtp as soon as both can.",
    takes: "an address such as smtp://user:password@mail.example.org:587",
    secret: true,
    fallback: "no mail is sent",
  }),
  MAIL_FROM: sender().optional().register(variableProse, {
    group: "Mail and push",
    about: "Whom mail comes from. Needs SMTP_URL.",
    takes: "an address such as Tasks <tasks@example.org>",
  }),
  VAPID_PUBLIC_KEY: vapidKey(65).optional().register(variableProse, {
    group: "Mail and push",
    about: "The public key browsers subscribe to Web Push with. Needs VAPID_PRIVATE_KEY.",
    takes: "65 bytes in base64url",
    fallback: "made once and kept in the database",
  }),
  VAPID_PRIVATE_KEY: vapidKey(32).optional().register(variableProse, {
    group: "Mail and push",
    about: "The key that belongs to it. Another pair ends every subscription. Needs VAPID_PUBLIC_KEY.",
    takes: "32 bytes in base64url",
    secret: true,
    fallback: "made once and kept in the database",
  }),
  VAPID_SUBJECT: z
    .string()
    .regex(/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/)
    .optional()
    .register(variableProse, {
      group: "Mail and push",
      about: "Where push services can reach who runs this server.",
      takes: "an address such as mailto:admin@example.org, or an https address",
      fallback: "MAIL_FROM, else PUBLIC_URL where it is https",
    }),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).optional().register(variableProse, {
    group: "Logs",
    about: "The least serious log lines that are written.",
    takes: "trace, debug, info, warn, error, fatal or silent",
    fallback: "info; warn in test",
  }),
  LOG_FORMAT: z.enum(["pretty", "json"]).optional().register(variableProse, {
    group: "Logs",
    about: "Lines for people, or one JSON object a line for machines.",
    takes: "pretty or json",
    fallback: "pretty in development, else json",
  }),
  METRICS_TOKEN: secretText(minForeignSecretLength)
    .regex(/^\S*$/)
    .optional()
    .register(variableProse, {
      group: "Metrics",
      about: "The bearer token that GET /metrics takes.",
      takes: `${secretTakes(minForeignSecretLength)}, without spaces`,
      secret: true,
      fallback: "only programs of the same machine may read it",
    }),
} as const;

export type VariableName = keyof typeof variables;
export const variableNames = Object.keys(variables) as readonly VariableName[]; // the table is closed: `as const`
