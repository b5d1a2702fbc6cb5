import { beforeEach, expect, test } from "bun:test";
import { deferLogSync, type HostOperations, type LogSync, type OpenFile } from "../../src/db/pglite/durable-fs.ts";

const log: OpenFile = { nfd: 1, path: "/pglite/data/pg_wal/000000010000000000000012" };
const nextLog: OpenFile = { nfd: 2, path: "/pglite/data/pg_wal/000000010000000000000013" };
const table: OpenFile = { nfd: 3, path: "/pglite/data/base/5/16428" };

let order: string[];
let host: HostOperations;
let sync: LogSync;

beforeEach(() => {
  order = [];
  const file = (name: string) => (at: OpenFile) => {
    order.push(`${name} ${at.nfd}`);
    return 8192;
  };
  const node = (name: string) => () => order.push(name);
  host = {
    stream_ops: { write: file("write"), close: file("close"), setattr: file("truncate") },
    node_ops: {
      setattr: node("chmod"),
      mknod: node("create"),
      rename: node("rename"),
      unlink: node("unlink"),
      rmdir: node("rmdir"),
      symlink: node("symlink"),
    },
  };
  sync = deferLogSync(host, (nfd) => order.push(`fsync ${nfd}`));
});

const commit = (file: OpenFile) => {
  host.stream_ops.write(file);
  host.stream_ops.fsync?.(file);
};

test("commits that ran together share one fsync, and a second settling has nothing to do", () => {
  commit(log);
  commit(log);
  sync.settle();
  sync.settle();
  expect(order).toEqual(["write 1", "write 1", "fsync 1"]);
});

test("a page is written only after the log before it is durable", () => {
  commit(log);
  host.stream_ops.write(table);
  expect(order).toEqual(["write 1", "fsync 1", "write 3"]);
});

test("a table is made durable only after the log, and at once", () => {
  commit(log);
  host.stream_ops.fsync?.(table);
  expect(order).toEqual(["write 1", "fsync 1", "fsync 3"]);
});

test("every file of the log that waits is made durable, in the order of the log", () => {
  commit(log);
  commit(nextLog);
  sync.settle();
  expect(order).toEqual(["write 1", "write 2", "fsync 1", "fsync 2"]);
});

test("a file of the log is not closed before it is durable", () => {
  commit(log);
  host.stream_ops.close(log);
  host.stream_ops.close(table);
  expect(order).toEqual(["write 1", "fsync 1", "close 1", "close 3"]);
});

test.each([
  ["chmod", "setattr"],
  ["create", "mknod"],
  ["rename", "rename"],
  ["unlink", "unlink"],
  ["rmdir", "rmdir"],
  ["symlink", "symlink"],
] as const)("%s waits for the log", (name, operation) => {
  commit(log);
  host.node_ops[operation]();
  expect(order).toEqual(["write 1", "fsync 1", name]);
});

test("truncation waits for the log", () => {
  commit(log);
  host.stream_ops.setattr(table);
  expect(order).toEqual(["write 1", "fsync 1", "truncate 3"]);
});

test("only bytes of the log are counted", () => {
  commit(log);
  host.stream_ops.write(table);
  commit(log);
  expect(sync.logBytes).toBe(2 * 8192);
});

test("a disk that refuses stops everything behind it", () => {
  const refusing = deferLogSync(host, () => {
    throw new Error("refused");
  });
  commit(log);
  expect(() => refusing.settle()).toThrow("refused");
  expect(() => host.stream_ops.write(table)).toThrow("refused");
  expect(order).not.toContain("write 3");
});
