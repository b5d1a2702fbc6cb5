/** A mail server that keeps what it is given, and refuses what it is told to. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { getToken, signUp } from "./accounts.ts";
import type { TestApp } from "./app.ts";
import { caller, type Person } from "./people.ts";

export interface ReceivedMail {
  readonly from: string;
  /** Of the envelope. */
  readonly to: readonly string[];
  /** `name: value` of the head, in its order, names in lower case, folded lines joined. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  header(name: string): string | undefined;
  readonly text: string;
  readonly html: string;
}

export interface MailSink {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Attempts so far, also those that were refused. */
  readonly attempts: number;
  /** The answer to a recipient: an SMTP code of 4xx or 5xx, or undefined to take it. */
  refuse: (to: string) => number | undefined;
  /** Mails are taken, and answered only once this is called. */
  hold(): () => void;
  /** Settles once there are so many mails to this address. */
  received(to: string, count: number): Promise<readonly ReceivedMail[]>;
  /** Settles once there were so many attempts. */
  attempted(count: number): Promise<void>;
  close(): Promise<void>;
  /** On the same port. */
  open(): Promise<void>;
}

export async function startMailSink(): Promise<MailSink> {
  const mails: ReceivedMail[] = [];
  let waiting: { readonly done: () => boolean; readonly resolve: () => void }[] = [];
  let attempts = 0;
  let port = 0;
  let server: SMTPServer | undefined;
  let held: Promise<void> = Promise.resolve();
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

  const sink: MailSink = {
    get url() {
      return `smtp://127.0.0.1:${port}`;
    },
    mails,
    get attempts() {
      return attempts;
    },
    refuse: () => undefined,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async received(to, count) {
      const mine = () => mails.filter((mail) => mail.to.includes(to));
      await until(() => mine().length >= count);
      return mine();
    },
    attempted: (count) => until(() => attempts >= count),
    close: () => new Promise((resolve) => (server ? server.close(resolve) : resolve())),
    open: () =>
      new Promise((resolve, reject) => {
        server = new SMTPServer({
          authOptional: true,
          disabledCommands: ["STARTTLS"],
          logger: false,
          closeTimeout: 100,
          onRcptTo({ address }, _session, callback) {
            attempts++;
            const code = sink.refuse(address);
            look();
            callback(
              code === undefined ? null : Object.assign(new Error("refused by the test"), { responseCode: code }),
            );
          },
          onData(stream, session, callback) {
            const chunks: Buffer[] = [];
            stream.on("data", (chunk: Buffer) => chunks.push(chunk));
            stream.on("end", () => {
              const { mailFrom, rcptTo } = session.envelope;
              const from = mailFrom ? mailFrom.address : "";
              mails.push(
                readMail(
                  Buffer.concat(chunks).toString(),
                  from,
                  rcptTo.map(({ address }) => address),
                ),
              );
              look();
              void held.then(() => callback(null));
            });
          },
        });
        server.on("error", reject);
        const listener = server.listen(port, "127.0.0.1", () => {
          port = (listener.address() as AddressInfo).port;
          resolve();
        });
      }),
  };
  await sink.open();
  return sink;
}

function readMail(source: string, from: string, to: readonly string[]): ReceivedMail {
  const { headers, body } = readPart(source);
  const header = (name: string) => headers.find(([each]) => each === name)?.[1];
  const boundary = /boundary="?([^";]+)"?/.exec(header("content-type") ?? "")?.[1];
  if (boundary === undefined) throw new Error("a mail has a text and an HTML part");
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => readPart(part.replace(/^\r\n/, "")));
  const textOf = (type: string): string => {
    const part = parts.find(({ headers: own }) =>
      own.some(([name, value]) => name === "content-type" && value.startsWith(type)),
    );
    const encoding = part?.headers.find(([name]) => name === "content-transfer-encoding")?.[1] ?? "7bit";
    return decode(part?.body ?? "", encoding)
      .replaceAll("\r\n", "\n")
      .trimEnd();
  };
  return { from, to, headers, header, text: textOf("text/plain"), html: textOf("text/html") };
}

function readPart(source: string): { headers: [string, string][]; body: string } {
  const end = source.indexOf("\r\n\r\n");
  const lines = source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(":");
    return [line.slice(0, at).toLowerCase(), decodeWords(line.slice(at + 1).trim())];
  });
  return { headers, body: source.slice(end + 4) };
}

function decode(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

/** RFC 2047. */
const decodeWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === "b"
        ? Buffer.from(word, "base64").toString()
        : decode(word.replaceAll("_", " "), "quoted-printable"),
    );

export interface Correspondent extends Person {
  readonly email: string;
}

/** Somebody with an address of their own. */
export async function makeCorrespondent(app: Pick<TestApp, "url">, more: object = {}): Promise<Correspondent> {
  const { id, name, email, visitor } = await signUp(app.url, { ...more });
  const { token } = await getToken(visitor);
  return { id, name, email, token, call: caller(app, token) };
}

/** Mail and push that wait for their time leave now. */
export async function hurry(app: TestApp): Promise<void> {
  await app.database.sql`update jobs set due_at = now()
    where kind in ('mail', 'digest', 'push') and dead_at is null and due_at > now() and claimed_by is null`;
}
