/**
 * The PostgreSQL wire protocol (version 3), as far as a pipe between one client library and one backend needs it.
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol", message formats.
 * A frame is one type byte, an Int32 length that counts itself but not the type byte, and the body.
 */

/** Transaction status of a ReadyForQuery: idle, in a transaction, in a failed transaction. */
export type Status = "idle" | "open" | "failed";

const code = (letter: string) => letter.charCodeAt(0);
const FLUSH = code("H");
const SYNC = code("S");
const QUERY = code("Q");
const PARSE = code("P");
const TERMINATE = code("X");
const NOTIFICATION = code("A");
const ERROR = code("E");
const READY = code("Z");
const COPY_IN = code("G");
const ROW = code("D");

const nothing = new Uint8Array(0);

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const first = parts[0];
  if (parts.length === 1 && first) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function frame(type: string, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(5 + body.length);
  whole[0] = code(type);
  viewOf(whole).setUint32(1, 4 + body.length);
  whole.set(body, 5);
  return whole;
}

export const sync = frame("S", new Uint8Array(0));
export const query = (sql: string) => frame("Q", encoder.encode(`${sql}\0`));
export const closeStatement = (name: string) => frame("C", encoder.encode(`S${name}\0`));
export const copyFail = (reason: string) => frame("f", encoder.encode(`${reason}\0`));

export function errorResponse(severity: "ERROR" | "FATAL", sqlstate: string, message: string): Uint8Array {
  return frame("E", encoder.encode(`S${severity}\0V${severity}\0C${sqlstate}\0M${message}\0\0`));
}

/** The packet that opens a session, as libpq would send it. */
export function startup(user: string, database: string): Uint8Array {
  const body = encoder.encode(`user\0${user}\0database\0${database}\0client_encoding\0UTF8\0\0`);
  const whole = new Uint8Array(8 + body.length);
  const view = viewOf(whole);
  view.setUint32(0, whole.length);
  view.setUint32(4, 3 << 16);
  whole.set(body, 8);
  return whole;
}

export type Opening = { kind: "startup" | "encryption" | "cancel"; length: number };

/** Reads the untyped packet a connection begins with; undefined while it is not whole. Throws on anything else. */
export function readOpening(bytes: Uint8Array): Opening | undefined {
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  const length = view.getUint32(0);
  if (length < 8 || length > 10_000) throw new Error("not a PostgreSQL startup packet");
  if (bytes.length < length) return undefined;
  const request = view.getUint32(4);
  if (request === CANCEL_REQUEST) return { kind: "cancel", length };
  return { kind: request === SSL_REQUEST || request === GSS_REQUEST ? "encryption" : "startup", length };
}

/** What a client sends at a stretch and then waits for: messages up to and with a Query, Sync, Flush or Terminate. */
export type Unit = { bytes: Uint8Array; terminate: boolean; statements: string[]; copies: boolean };

/** Takes the first whole unit off `bytes`; undefined while it is not whole. */
export function takeUnit(bytes: Uint8Array): { unit: Unit; rest: Uint8Array } | undefined {
  const view = viewOf(bytes);
  const statements: string[] = [];
  let copies = false;
  for (let at = 0; at + 5 <= bytes.length; ) {
    const type = bytes[at];
    const end = at + 1 + view.getUint32(at + 1);
    if (end > bytes.length) return undefined;
    if (type === PARSE) {
      const name = text(bytes, at + 5);
      if (name !== "") statements.push(name);
      copies ||= readsCopy(bytes.subarray(at + 5, end));
    }
    if (type === QUERY) copies ||= readsCopy(bytes.subarray(at + 5, end));
    if (type === QUERY || type === SYNC || type === FLUSH || type === TERMINATE) {
      const unit = { bytes: bytes.subarray(0, end), terminate: type === TERMINATE, statements, copies };
      return { unit, rest: bytes.subarray(end) };
    }
    at = end;
  }
  return undefined;
}

function text(bytes: Uint8Array, from: number): string {
  return decoder.decode(bytes.subarray(from, bytes.indexOf(0, from)));
}

/** True where the statement may be COPY … FROM STDIN. A false alarm is harmless: a stray CopyFail is ignored. */
function readsCopy(body: Uint8Array): boolean {
  return /\bcopy\b.*\bfrom\s+stdin\b/is.test(decoder.decode(body));
}

export type Output = { own: Uint8Array; notifications: Uint8Array[]; status: Status | undefined };

/**
 * Reads what the backend answered to one unit: the notifications in it (all connections get them), and the transaction
 * status where the answer ends with ReadyForQuery. `rewrite` may replace an ErrorResponse, given its SQLSTATE.
 * CopyInResponse is left out: no copying is taken, and a client that had begun one would be told so by a stream's error.
 * Throws when the answer is not made of whole frames.
 */
export function readOutput(bytes: Uint8Array, rewrite: (sqlstate: string) => Uint8Array | undefined): Output {
  const view = viewOf(bytes);
  const notifications: Uint8Array[] = [];
  const replaced: Uint8Array[] = [];
  let copied = 0;
  let status: Status | undefined;
  for (let at = 0; at < bytes.length; ) {
    if (at + 5 > bytes.length) throw new Error("the backend answered half a frame");
    const type = bytes[at];
    const end = at + 1 + view.getUint32(at + 1);
    if (end > bytes.length) throw new Error("the backend answered half a frame");
    if (type === NOTIFICATION) notifications.push(bytes.subarray(at, end));
    const other = type === ERROR ? rewrite(sqlstateOf(bytes.subarray(at + 5, end))) : undefined;
    if (other || type === COPY_IN) {
      replaced.push(bytes.subarray(copied, at), other ?? nothing);
      copied = end;
    }
    status = type === READY ? statusOf(bytes[at + 5]) : undefined;
    at = end;
  }
  const own = copied === 0 ? bytes : concat([...replaced, bytes.subarray(copied)]);
  return { own, notifications, status };
}

function statusOf(byte: number | undefined): Status {
  return byte === code("I") ? "idle" : byte === code("T") ? "open" : "failed";
}

function sqlstateOf(body: Uint8Array): string {
  for (const field of decoder.decode(body).split("\0")) if (field.startsWith("C")) return field.slice(1);
  return "";
}

/** The rows in an answer to a Query, their columns as text. Throws the error where there is one instead. */
export function readRows(bytes: Uint8Array): (string | null)[][] {
  const view = viewOf(bytes);
  const rows: (string | null)[][] = [];
  for (let at = 0; at + 5 <= bytes.length; at += 1 + view.getUint32(at + 1)) {
    if (bytes[at] === ERROR) throw new Error(`the database answered ${sqlstateOf(bytes.subarray(at + 5))}`);
    if (bytes[at] === ROW) rows.push(readRow(bytes.subarray(at + 5)));
  }
  return rows;
}

function readRow(body: Uint8Array): (string | null)[] {
  const view = viewOf(body);
  const columns: (string | null)[] = [];
  for (let left = view.getUint16(0), at = 2; left > 0; left--) {
    const length = view.getInt32(at);
    at += 4;
    columns.push(length < 0 ? null : decoder.decode(body.subarray(at, at + length)));
    at += Math.max(length, 0);
  }
  return columns;
}
