/** The keys by which push services know this server (RFC 8292): of the configuration, else made once for the database. */
import type { Config } from "../../core/config.ts";
import type { Store } from "../../db/context.ts";
import { query } from "../../db/query.ts";
import { systemCtx } from "../../realtime/log.ts";

export interface Vapid {
  /** base64url, uncompressed point. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** Where the push service can reach who runs this server. */
  readonly subject: string;
}

type VapidConfig = Pick<Config, "vapidPublicKey" | "vapidPrivateKey" | "vapidSubject" | "mailFrom" | "publicUrl">;

/** Loaded when it is first asked for; a failure is forgotten. */
export function createVapid(store: Store, config: VapidConfig): () => Promise<Vapid> {
  let loaded: Promise<Vapid> | undefined;
  return () => {
    loaded ??= load(store, config).catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

async function load(store: Store, config: VapidConfig): Promise<Vapid> {
  const { vapidPublicKey: publicKey, vapidPrivateKey: privateKey } = config;
  const keys = publicKey !== undefined && privateKey !== undefined ? { publicKey, privateKey } : await keptKeys(store);
  return { ...keys, subject: subjectOf(config) };
}

interface Kept {
  readonly public_key: string;
  readonly private_key: string;
}

async function keptKeys(store: Store): Promise<Pick<Vapid, "publicKey" | "privateKey">> {
  const ctx = systemCtx({ store }, "vapid");
  const find = () => query<{ value: Kept }>(ctx, "select value from meta where key = 'vapid'", []);
  let [row] = await find();
  if (!row) {
    const { generateVAPIDKeys } = await import("web-push");
    const made = generateVAPIDKeys();
    const value: Kept = { public_key: made.publicKey, private_key: made.privateKey };
    // Another node may have made them meanwhile: the first ones count.
    const insert = "insert into meta (key, value) values ('vapid', $1::text::json) on conflict do nothing";
    await query(ctx, insert, [JSON.stringify(value)]);
    [row] = await find();
  }
  if (!row) throw new Error("the keys that were kept are there");
  return { publicKey: row.value.public_key, privateKey: row.value.private_key };
}

function subjectOf({ vapidSubject, mailFrom, publicUrl }: VapidConfig): string {
  if (vapidSubject !== undefined) return vapidSubject;
  if (mailFrom) return `mailto:${mailFrom.address}`;
  return publicUrl?.startsWith("https:") ? publicUrl : "mailto:taskwire@localhost.localdomain";
}
