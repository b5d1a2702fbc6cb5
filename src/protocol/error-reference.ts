/** What each error code means to who reads the reference, with an answer that test/features/errors.test.ts provokes. */
import { type ErrorCode, errorKinds, type Problem } from "./errors.ts";

interface ErrorEntry {
  readonly meaning: string;
  /** What the caller does about it. */
  readonly cure: string;
  /** A request that is answered so. */
  readonly request: string;
  readonly answer: Problem;
}

/** The request id of all examples. */
export const exampleRequestId = "01a1fc22-a9a6-7123-9a43-d0bc2a366d36";
const project = "01a1fc22-a9a6-7123-9a43-0000000000a1";
const task = "01a1fc22-a9a6-7123-9a43-0000000000b2";

const answer = (code: ErrorCode, detail: string, extras: Pick<Problem, "errors" | "current"> = {}): Problem => {
  const { status, title } = errorKinds[code];
  return { type: `urn:taskwire:error:${code}`, title, status, code, detail, ...extras, request_id: exampleRequestId };
};

export const errorReference: Readonly<Record<ErrorCode, ErrorEntry>> = {
  invalid: {
    meaning: "The body, query, header or frame does not fit its schema, or names what is not there.",
    cure: "Send other data; `errors` holds the paths.",
    request: 'POST /api/projects {"name": "Website", "colour": "red"}',
    answer: answer("invalid", "colour: is not known here", {
      errors: [{ path: "colour", message: "is not known here" }],
    }),
  },
  unauthenticated: {
    meaning: "Nobody is signed in, or the cookie, token or key is not valid any more.",
    cure: "Sign in, or get a new token.",
    request: "GET /api/me",
    answer: answer("unauthenticated", "sign in first"),
  },
  forbidden: {
    meaning: "The caller may know that the thing is there, but not do this to it; or a page of another site sent this.",
    cure: "Ask somebody with the role it takes. The same request stays refused.",
    request: `PATCH /api/tasks/${task} {"title": "Mine"}`,
    answer: answer("forbidden", "this takes the role member in the project; yours is viewer"),
  },
  not_found: {
    meaning: "There is no such thing, or the caller may not know of it: strangers are told the same.",
    cure: "Nothing; forget the id.",
    request: `GET /api/tasks/${task}`,
    answer: answer("not_found", "there is no such task, or you are not a member of its project"),
  },
  method_not_allowed: {
    meaning: "The path takes other methods; the header `Allow` lists them.",
    cure: "Use one of those.",
    request: "PUT /api/me {}",
    answer: answer("method_not_allowed", "PUT is not for this path; it takes GET, PATCH"),
  },
  conflict: {
    meaning: "Somebody was faster, or the change would break a rule (the last owner leaves, an id is taken).",
    cure: "Decide with what `current` shows, and send the change for that version.",
    request: `PATCH /api/tasks/${task} {"title": "Login", "version": 1}`,
    answer: answer("conflict", "the task was changed since the version you name; `current` is how it is now", {
      current: {
        id: task,
        project_id: project,
        number: 1,
        key: "WEB-1",
        title: "Fix login on phones",
        description: "",
        status: "todo",
        position: "a1m6",
        priority: "none",
        assignee_ids: [],
        label_ids: [],
        start_at: null,
        due_at: null,
        all_day: false,
        estimate: null,
        parent_id: null,
        blocked_by_ids: [],
        version: 2,
        created_by: "01a1fc22-a9a6-7123-9a43-0000000000f6",
        created_at: "2026-11-24T00:00:00.000Z",
        updated_at: "2026-11-24T00:00:00.000Z",
        completed_at: null,
        archived_at: null,
      },
    }),
  },
  gone: {
    meaning: "The history does not reach back that far, or the page's state is not kept any more.",
    cure: "Take a snapshot and go on from its `seq`.",
    request: `GET /api/projects/${project}/events?since=1`,
    answer: answer("gone", "the log begins after 2; take a snapshot"),
  },
  too_large: {
    meaning: "The body is larger than the path takes: 1 MiB, 16 KiB under /api/auth.",
    cure: "Send less at once.",
    request: "POST /api/projects, with a body of more than 1 MiB",
    answer: answer("too_large", "the body must not be larger than 1048576 bytes"),
  },
  unsupported_media_type: {
    meaning: "The body is not said to be JSON.",
    cure: "Send JSON, with `Content-Type: application/json`.",
    request: "POST /api/projects name=Website",
    answer: answer("unsupported_media_type", "the body must be JSON, with Content-Type: application/json"),
  },
  idempotency_mismatch: {
    meaning: "The mutation id (or `Idempotency-Key`) was used before, with another request.",
    cure: "Take a new id for a new change; repeat a change unchanged.",
    request: 'POST /api/projects {"name": "Kitchen", "mutation_id": "k-42"}',
    answer: answer("idempotency_mismatch", "the key k-42 was used for another request; take a new one"),
  },
  rate_limited: {
    meaning: "Too many requests, frames or attempts to sign in.",
    cure: "Wait: `Retry-After` (on the socket `retry_after`) says how many seconds.",
    request: "GET /api/me, for the 601st time in a minute",
    answer: answer("rate_limited", "too many requests; wait 60 s"),
  },
  internal: {
    meaning: "A fault of the server. Its log tells more under the request id; the answer never does.",
    cure: "Try again later, with the same mutation id; report it.",
    request: "any",
    answer: answer("internal", "something went wrong here; the request id helps to find it in the log"),
  },
  unavailable: {
    meaning: "The database, or the server, cannot answer now. A write may have happened.",
    cure: "Try again after `Retry-After` seconds with the same mutation id: it is applied once.",
    request: "any, while the database is away",
    answer: answer("unavailable", "the database does not answer; try again"),
  },
  storage_full: {
    meaning: "The disk of the database is full. Reading goes on; nothing was saved.",
    cure: "Try again once there is space.",
    request: "any write, while the disk is full",
    answer: answer("storage_full", "the database's disk is full: nothing was saved; free space on it and try again"),
  },
};
