import { expect, test } from "bun:test";
import { createTurns } from "../../src/jobs/turns.ts";

const ids = (count: number): string[] => Array.from({ length: count }, () => Bun.randomUUIDv7());
const turnsOf = (nodes: readonly string[], connected = () => true) =>
  nodes.map((id) =>
    createTurns({ peers: { id, withJobs: () => new Set(nodes.filter((node) => node !== id)) }, connected }),
  );
const rooms = ids(3_000);

test("each room is one node's, and about as many are each node's", () => {
  const nodes = ids(3);
  const turns = turnsOf(nodes);
  const owners = rooms.map((room) => turns.flatMap((first, at) => (first(room) ? [at] : [])));
  expect(owners.filter((of) => of.length !== 1)).toEqual([]);
  for (const at of nodes.keys()) {
    const share = owners.filter(([owner]) => owner === at).length / rooms.length;
    expect([share > 0.25, share < 0.42]).toEqual([true, true]);
  }
});

test("a node that goes leaves its rooms to the others, and no other room changes hands", () => {
  const nodes = ids(4);
  const [before, after] = [turnsOf(nodes), turnsOf(nodes.slice(0, 3))];
  const ownerOf = (turns: typeof before, room: string) => turns.findIndex((first) => first(room));
  const moved = rooms.filter((room) => ownerOf(before, room) !== ownerOf(after, room));
  expect(moved).toEqual(rooms.filter((room) => ownerOf(before, room) === 3));
  expect(moved.length).toBeGreaterThan(0);
});

test("a node alone, and one that is cut off, looks at everything", () => {
  const cut = turnsOf(ids(3), () => false);
  expect([...turnsOf(ids(1)), ...cut].map((first) => rooms.every(first))).toEqual([true, true, true, true]);
});
