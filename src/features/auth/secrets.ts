/** The server's secret, and the keys derived from it, one for each use. */
import { hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../core/config.ts";
import { StartError } from "../../core/start-error.ts";

export interface AuthKeys {
  /** Base64 text of 32 bytes: better-auth takes its secret as text. */
  readonly cookie: string;
  /** 32 bytes for HS256. */
  readonly token: Uint8Array<ArrayBuffer>;
  /** 32 bytes that sign the links of mails. */
  readonly link: Uint8Array<ArrayBuffer>;
  /** 32 hexadecimal digits that tell this secret from others; no key follows from them. */
  readonly fingerprint: string;
}

const keyBytes = 32;
const minSecretLength = 32;
const fileName = "auth-secret";

/** AUTH_SECRET, else the one kept in the data folder, made there when there is none. Throws StartError. */
export async function loadAuthKeys(config: Pick<Config, "authSecret" | "dataDir">): Promise<AuthKeys> {
  const secret = config.authSecret ?? (await keptSecret(config.dataDir));
  return {
    cookie: Buffer.from(derive(secret, "session cookies")).toString("base64"),
    token: derive(secret, "tokens"),
    link: derive(secret, "links of mails"),
    fingerprint: Buffer.from(derive(secret, "fingerprint")).toString("hex").slice(0, 32),
  };
}

/** HKDF (RFC 5869): whoever learns one key learns nothing of the other, nor of the secret. */
const derive = (secret: string, use: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hkdfSync("sha256", secret, "", `taskwire ${use} 1`, keyBytes));

async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, fileName);
  try {
    const kept = (await readFile(path, "utf8").catch(absent)) ?? (await makeSecret(dataDir, path));
    if (kept.trim().length >= minSecretLength) return kept.trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `the secret of this server cannot be kept in ${path}: ${reason}`,
      "Make DATA_DIR a folder the server may read and write, or set AUTH_SECRET.",
      { cause: error },
    );
  }
  throw new StartError(
    `${path} does not hold a secret of at least ${minSecretLength} characters`,
    "Restore the file from a backup, set AUTH_SECRET, or remove it: then a new one is made and everyone signs in again.",
  );
}

function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

/** Whole or not at all, and never over one that another process made meanwhile: `link` fails where there is a file. */
async function makeSecret(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString("base64url")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path).catch(present);
  } finally {
    await unlink(draft);
  }
  const folder = await open(dataDir, "r");
  await folder.sync().finally(() => folder.close());
  return readFile(path, "utf8");
}

function present(error: unknown): void {
  if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
  throw error;
}
