/** How push services know this server (RFC 8292): keys of the configuration, else made once for the database. */
import { createECDH } from "node:crypto";
import { importJWK, SignJWT } from "jose";
import type { Config } from "../../core/config.ts";
import type { Store } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { systemCtx } from "../../realtime/log.ts";

export interface Vapid {
  /** base64url of the uncompressed point. */
  readonly publicKey: string;
  /** The header `Authorization` for a push service. */
  authorization(endpoint: string): Promise<string>;
}

interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

type VapidConfig = Pick<Config, "vapidPublicKey" | "vapidPrivateKey" | "vapidSubject" | "mailFrom" | "publicUrl">;

/** A token may be valid for a day at most; it is used for half of its time. */
const validMs = 12 * 60 * 60 * 1_000;
/** Push services are few. */
const rememberedMax = 100;

/** Loaded when it is first asked for; a failure is forgotten. */
export function createVapid(store: Store, config: VapidConfig, nowMs: () => number): () => Promise<Vapid> {
  let loaded: Promise<Vapid> | undefined;
  const load = async (): Promise<Vapid> => {
    const { vapidPublicKey: publicKey, vapidPrivateKey: privateKey } = config;
    const given = publicKey !== undefined && privateKey !== undefined ? { publicKey, privateKey } : undefined;
    return createSigner(given ?? (await keptKeys(store)), subjectOf(config), nowMs);
  };
  return () => {
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

async function createSigner({ publicKey, privateKey }: Keys, subject: string, nowMs: () => number): Promise<Vapid> {
  const point = Buffer.from(publicKey, "base64url");
  const x = point.toString("base64url", 1, 33);
  const y = point.toString("base64url", 33);
  const key = await importJWK({ kty: "EC", crv: "P-256", x, y, d: privateKey }, "ES256");
  const tokens = new Map<string, { readonly text: string; readonly untilMs: number }>();
  const sign = (audience: string, now: number): Promise<string> =>
    new SignJWT({ aud: audience, sub: subject, exp: Math.floor((now + validMs) / 1_000) })
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .sign(key);
  return {
    publicKey,
    async authorization(endpoint) {
      const { origin } = new URL(endpoint);
      const now = nowMs();
      const known = tokens.get(origin);
      if (known && known.untilMs > now) return known.text;
      const text = `vapid t=${await sign(origin, now)}, k=${publicKey}`;
      if (tokens.size >= rememberedMax) tokens.clear();
      tokens.set(origin, { text, untilMs: now + validMs / 2 });
      return text;
    },
  };
}

interface Kept {
  readonly public_key: string;
  readonly private_key: string;
}

async function keptKeys(store: Store): Promise<Keys> {
  const ctx = systemCtx({ store }, "vapid");
  const find = () => query<{ value: Kept }>(ctx, "select value from meta where key = 'vapid'", []);
  let [row] = await find();
  if (!row) {
    // Another node may have made them meanwhile: the first ones count.
    const insert = "insert into meta (key, value) values ('vapid', $1::text::json) on conflict do nothing";
    await query(ctx, insert, [JSON.stringify(makeKeys())]);
    [row] = await find();
  }
  if (!row) throw new Error("the keys that were kept are there");
  return { publicKey: row.value.public_key, privateKey: row.value.private_key };
}

function makeKeys(): Kept {
  const curve = createECDH("prime256v1");
  const publicKey = curve.generateKeys("base64url");
  // A number that begins with zeros is shorter than the key.
  const privateKey = Buffer.alloc(32);
  const number = curve.getPrivateKey();
  privateKey.set(number, privateKey.length - number.length);
  return { public_key: publicKey, private_key: privateKey.toString("base64url") };
}

function subjectOf({ vapidSubject, mailFrom, publicUrl }: VapidConfig): string {
  if (vapidSubject !== undefined) return vapidSubject;
  if (mailFrom) return `mailto:${mailFrom.address}`;
  return publicUrl?.startsWith("https:") ? publicUrl : "mailto:taskwire@localhost.localdomain";
}
