import { expect, test } from "bun:test";
import type { Comment } from "../../src/protocol/comments.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import { listen } from "../support/listener.ts";
import { addMember, makeComment, makePerson, makeTask, ok, type Page, type Person } from "../support/people.ts";
import { makeTeam } from "../support/team.ts";

const thumb = "\u{1F44D}";
const heart = "\u2764\uFE0F";
const family = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}";

const pathOf = (comment: Pick<Comment, "id">, emoji: string): string =>
  `/api/comments/${comment.id}/reactions/${encodeURIComponent(emoji)}`;
const headers = (key?: string) => (key === undefined ? {} : { "idempotency-key": key });
const react = (person: Person, comment: Pick<Comment, "id">, emoji: string, key?: string) =>
  person.call<Comment>("PUT", pathOf(comment, emoji), undefined, headers(key));
const takeBack = (person: Person, comment: Pick<Comment, "id">, emoji: string, key?: string) =>
  person.call("DELETE", pathOf(comment, emoji), undefined, headers(key));
const read = async (person: Person, comment: Comment): Promise<Comment | undefined> =>
  ok(await person.call<Page<Comment>>("GET", `/api/tasks/${comment.task_id}/comments`), 200).items[0];

async function makeTalk(app: TestApp, name: string) {
  const team = await makeTeam(app, name);
  const task = await makeTask(team.ana, team.project);
  return { ...team, task, comment: await makeComment(team.ana, task, "Hello") };
}

describeApp("reactions", (app) => {
  test("[H2] a reaction is answered and told with the whole comment, people in the order they came", async () => {
    const { ana, ben, project, task, comment } = await makeTalk(app, "react");
    const listener = await listen(app, ana, project);
    const one = ok(await react(ben, comment, thumb), 200);
    expect(one).toEqual({ ...comment, reactions: { [thumb]: [ben.id] } });
    const two = ok(await react(ana, comment, thumb), 200);
    const three = ok(await react(ana, comment, family), 200);
    expect(three).toEqual({ ...comment, reactions: { [thumb]: [ben.id, ana.id], [family]: [ana.id] } });
    const reply = await takeBack(ben, comment, thumb);
    expect([reply.status, reply.text]).toEqual([204, ""]);
    ok(await takeBack(ana, comment, thumb), 204);
    const left = { ...comment, reactions: { [family]: [ana.id] } };
    expect(await read(ben, comment)).toEqual(left);
    const update = (of: Comment, by: Person) => ({
      event: "comment_updated",
      data: { comment: of, task_id: task.id, comment_id: comment.id, updated_by: by.id },
    });
    expect(await listener.heard()).toEqual([
      update(one, ben),
      update(two, ana),
      update(three, ana),
      update({ ...comment, reactions: { [thumb]: [ana.id], [family]: [ana.id] } }, ben),
      update(left, ana),
    ]);
    listener.close();
  });

  test("[S12] a reaction that is there, or is not there to be taken back, is no event", async () => {
    const { ana, ben, project, comment } = await makeTalk(app, "same");
    const once = ok(await react(ben, comment, thumb), 200);
    const listener = await listen(app, ana, project);
    expect(ok(await react(ben, comment, thumb), 200)).toEqual(once);
    ok(await takeBack(ana, comment, thumb), 204);
    ok(await takeBack(ben, comment, heart), 204);
    expect(await read(ana, comment)).toEqual(once);
    expect(await listener.heard()).toEqual([]);
    listener.close();
  });

  test("an emoji is one whole emoji; without its variation selector it is the same", async () => {
    const { ana, comment } = await makeTalk(app, "emoji");
    for (const emoji of [heart, family, "1\uFE0F\u20E3", "\u{1F1E6}\u{1F1F9}", "\u{1F44D}\u{1F3FD}"])
      expect(Object.keys(ok(await react(ana, comment, emoji), 200).reactions)).toContain(emoji);
    const bare = ok(await react(ana, comment, "\u2764"), 200);
    expect(Object.keys(bare.reactions).length).toBe(5);
    ok(await takeBack(ana, comment, "\u2764"), 204);
    for (const text of [
      "a",
      "1",
      thumb + thumb,
      `${thumb}!`,
      " ",
      "\u{1F3FD}\u{1F44D}",
      "__proto__",
      "a/b",
      "x".repeat(90),
    ]) {
      const reply = await react(ana, comment, text);
      expect([text, reply.status, reply.problem.errors?.[0]?.path]).toEqual([text, 422, "emoji"]);
      expect((await takeBack(ana, comment, text)).status).toBe(422);
    }
    for (const raw of ["%FF", "%zz", "%00", "%ED%A0%BD"])
      expect([raw, (await ana.call("PUT", `/api/comments/${comment.id}/reactions/${raw}`)).status]).toEqual([raw, 422]);
  });

  test("a comment takes 20 different reactions, and anybody may join in one of them", async () => {
    const { ana, ben, comment } = await makeTalk(app, "twenty");
    const faces = Array.from({ length: 20 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    for (const face of faces) ok(await react(ana, comment, face), 200);
    const more = await react(ben, comment, thumb);
    expect([more.status, more.problem.code]).toEqual([409, "conflict"]);
    expect(more.problem.current).toEqual(await read(ana, comment));
    ok(await react(ben, comment, faces[3] ?? ""), 200);
    ok(await takeBack(ana, comment, faces[7] ?? ""), 204);
    expect(Object.keys(ok(await react(ben, comment, thumb), 200).reactions).length).toBe(20);
  });

  test("reactions of many people at the same moment are all there", async () => {
    const { ana, project, comment } = await makeTalk(app, "crowd");
    const people: Person[] = [];
    for (let i = 0; i < 6; i++) {
      const person = await makePerson(app, `crowd-${i}`);
      await addMember(ana, project, person, "member");
      people.push(person);
    }
    const replies = await Promise.all(
      people.flatMap((person, i) => [
        react(person, comment, thumb),
        react(person, comment, i % 2 ? heart : family),
        react(person, comment, "\u{1F389}"),
      ]),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const reactions = (await read(ana, comment))?.reactions ?? {};
    const ids = (wanted: readonly Person[]) => wanted.map(({ id }) => id).sort();
    expect([...(reactions[thumb] ?? [])].sort()).toEqual(ids(people));
    expect([...(reactions["\u{1F389}"] ?? [])].sort()).toEqual(ids(people));
    expect([...(reactions[heart] ?? [])].sort()).toEqual(ids(people.filter((_, i) => i % 2)));
    await Promise.all(people.map((person) => takeBack(person, comment, thumb)));
    expect(Object.hasOwn((await read(ana, comment))?.reactions ?? {}, thumb)).toBe(false);
  });

  test("[H4] a retry is answered as the first was and brings nothing back, though comment and task are gone", async () => {
    const { ana, project, task, comment } = await makeTalk(app, "react-retry");
    const first = ok(await react(ana, comment, thumb, "react-once"), 200);
    ok(await takeBack(ana, comment, thumb, "take-back-once"), 204);
    const listener = await listen(app, ana, project);
    const again = async () => {
      expect(ok(await react(ana, comment, thumb, "react-once"), 200)).toEqual(first);
      ok(await takeBack(ana, comment, thumb, "take-back-once"), 204);
    };
    await again();
    expect((await react(ana, comment, heart, "react-once")).problem.code).toBe("idempotency_mismatch");
    expect((await takeBack(ana, comment, thumb, "react-once")).problem.code).toBe("idempotency_mismatch");
    expect(await listener.heard()).toEqual([]);
    ok(await ana.call("DELETE", `/api/comments/${comment.id}`), 204);
    await again();
    expect((await react(ana, comment, thumb)).status).toBe(404);
    ok(await ana.call("DELETE", `/api/tasks/${task.id}`), 204);
    await again();
    expect((await react(ana, comment, thumb)).status).toBe(404);
    listener.close();
  });

  test("viewers do not react, and strangers hear of no comment", async () => {
    const { ana, project, comment } = await makeTalk(app, "react-roles");
    const [vera, eve] = [await makePerson(app, "react-vera"), await makePerson(app, "react-eve")];
    await addMember(ana, project, vera, "viewer");
    for (const call of [react, takeBack]) {
      expect((await call(vera, comment, thumb)).problem.code).toBe("forbidden");
      const there = (await call(eve, comment, thumb)).problem;
      const nothing = (await call(eve, { id: Bun.randomUUIDv7() }, thumb)).problem;
      expect({ ...there, request_id: "" }).toEqual({ ...nothing, request_id: "" });
      expect(there.code).toBe("not_found");
    }
  });
});
