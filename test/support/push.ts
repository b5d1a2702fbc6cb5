/** Browsers that subscribed, and the push service between: it takes what the server sends and opens it as a browser does. */
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { importJWK, jwtVerify } from "jose";

export interface Pushed {
  readonly headers: Headers;
  readonly payload: {
    readonly notification_id: string;
    readonly title: string;
    readonly body: string;
    readonly url: string;
    readonly tag: string;
  };
}

export interface Browser {
  /** As `PushSubscription.toJSON()` gives it. */
  readonly subscription: {
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  };
  readonly pushed: readonly Pushed[];
  /** Requests so far, also those that were refused. */
  readonly attempts: number;
  /** What the push service answers. */
  status: number;
  /** Settles once so many were taken. */
  received(count: number): Promise<readonly Pushed[]>;
  attempted(count: number): Promise<void>;
}

export interface PushService {
  readonly url: string;
  makeBrowser(): Browser;
  stop(): Promise<void>;
}

type Made = Browser & { readonly take: (request: Request) => Promise<Response> };

export function startPushService(): PushService {
  const browsers = new Map<string, Made>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) =>
      browsers.get(new URL(request.url).pathname)?.take(request) ?? new Response(null, { status: 404 }),
  });
  const url = server.url.origin;
  return {
    url,
    makeBrowser() {
      const path = `/push/${randomBytes(8).toString("hex")}`;
      const browser = makeBrowser(`${url}${path}`);
      browsers.set(path, browser);
      return browser;
    },
    stop: () => server.stop(true),
  };
}

/** One whose push service is elsewhere. */
export function makeBrowser(endpoint: string): Made {
  const curve = createECDH("prime256v1");
  curve.generateKeys();
  const secret = randomBytes(16);
  const pushed: Pushed[] = [];
  let attempts = 0;
  let waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  const look = (): void => {
    waiting = waiting.filter(({ done, resolve }) => {
      if (!done()) return true;
      resolve();
      return false;
    });
  };
  const until = (done: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ done, resolve });
      look();
    });
  const browser: Made = {
    subscription: {
      endpoint,
      keys: { p256dh: curve.getPublicKey("base64url"), auth: secret.toString("base64url") },
    },
    pushed,
    get attempts() {
      return attempts;
    },
    status: 201,
    async received(count) {
      await until(() => pushed.length >= count);
      return pushed;
    },
    attempted: (count) => until(() => attempts >= count),
    async take(request) {
      attempts++;
      const { status } = browser;
      const body = Buffer.from(await request.arrayBuffer());
      if (status === 201) {
        const text = open(body, curve, secret);
        pushed.push({ headers: request.headers, payload: JSON.parse(text) });
      }
      look();
      return new Response(null, { status, headers: status === 302 ? { location: endpoint } : {} });
    },
  };
  return browser;
}

const derive = (key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, length));

/** RFC 8291 in the coding of RFC 8188: one record. */
function open(body: Buffer, curve: ReturnType<typeof createECDH>, secret: Buffer): string {
  const salt = body.subarray(0, 16);
  const idLength = body[20] ?? 0;
  const sender = body.subarray(21, 21 + idLength);
  const record = body.subarray(21 + idLength);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), curve.getPublicKey(), sender]);
  const key = derive(curve.computeSecret(sender), secret, info, 32);
  const contentKey = derive(key, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derive(key, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const cipher = createDecipheriv("aes-128-gcm", contentKey, nonce);
  cipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end < 0) throw new Error("the last record is marked as such");
  return padded.subarray(0, end).toString();
}

/** The claims of RFC 8292; throws where the signature is not of this key. */
export async function readVapid(authorization: string | null, publicKey: string) {
  const [, token = "", key = ""] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization ?? "") ?? [];
  const point = Buffer.from(publicKey, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const { payload } = await jwtVerify(token, await importJWK(jwk, "ES256"));
  return { key, ...payload };
}
