/** The text of API keys: `tw_`, ten characters that name the key, `_`, and 32 that prove it: 190 bits. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { keyShape } from "../../protocol/api-keys.ts";

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const nameLength = 10;
const secretLength = 32;
/** The largest multiple of the alphabet's length that a byte reaches: the bytes from here on would favour some letters. */
const fairBytes = 256 - (256 % letters.length);

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(2 * length)) {
      if (byte < fairBytes && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
}

export interface KeyText {
  /** Shown to its maker, and kept nowhere. */
  readonly key: string;
  /** Kept, to find it and to show it by. */
  readonly prefix: string;
  /** Kept, to check it: SHA-256 in hexadecimal. */
  readonly hash: string;
}

export function makeKeyText(): KeyText {
  const prefix = `tw_${randomText(nameLength)}`;
  const key = `${prefix}_${randomText(secretLength)}`;
  return { key, prefix, hash: hashOf(key) };
}

const hashOf = (key: string): string => new Bun.CryptoHasher("sha256").update(key).digest("hex");

const whole = new RegExp(`^${keyShape.source}$`);

/** What to look a key up by; undefined where the text is no key. */
export const prefixOf = (text: string): string | undefined =>
  whole.test(text) ? text.slice(0, text.lastIndexOf("_")) : undefined;

/** Does the text mean to be a key, well formed or not? */
export const looksLikeKey = (text: string): boolean => text.startsWith("tw_");

/** Is `hash` that of `key`? Takes the same time wherever they differ. */
export function fits(key: string, hash: string): boolean {
  const expected = Buffer.from(hash);
  const actual = Buffer.from(hashOf(key));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
