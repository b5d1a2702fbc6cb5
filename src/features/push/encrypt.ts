/** Messages for one browser, which the push service between cannot read (RFC 8291, in the coding aes128gcm of RFC 8188). */
import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from "node:crypto";

/** What a browser gave when it subscribed; base64url. */
export interface BrowserKeys {
  readonly p256dh: string;
  readonly auth: string;
}

/** Of one message; a test gives those of the RFC's example. */
export interface Once {
  readonly salt: Uint8Array;
  readonly sender: ECDH;
}

const recordSize = 4096;
const lastRecord = 2;

function once(): Once {
  const sender = createECDH("prime256v1");
  sender.generateKeys();
  return { salt: randomBytes(16), sender };
}

const derive = (key: Uint8Array, salt: Uint8Array, info: Uint8Array, bytes: number): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", key, salt, info, bytes));
const label = (text: string): Buffer => Buffer.from(`${text}\0`);

/** The body of the request. Throws where `p256dh` is no point of P-256. */
export function encrypt(text: string, { p256dh, auth }: BrowserKeys, { salt, sender }: Once = once()): Buffer {
  const receiver = Buffer.from(p256dh, "base64url");
  const from = sender.getPublicKey();
  const info = Buffer.concat([label("WebPush: info"), receiver, from]);
  const key = derive(sender.computeSecret(receiver), Buffer.from(auth, "base64url"), info, 32);
  const contentKey = derive(key, salt, label("Content-Encoding: aes128gcm"), 16);
  const nonce = derive(key, salt, label("Content-Encoding: nonce"), 12);
  const cipher = createCipheriv("aes-128-gcm", contentKey, nonce);
  const record = [cipher.update(text), cipher.update(Uint8Array.of(lastRecord)), cipher.final(), cipher.getAuthTag()];
  const head = Buffer.alloc(21);
  head.set(salt);
  head.writeUInt32BE(recordSize, 16);
  head.writeUInt8(from.length, 20);
  return Buffer.concat([head, from, ...record]);
}
