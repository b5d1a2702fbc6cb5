import { expect, test } from "bun:test";
import type { Comment } from "../../src/protocol/comments.ts";
import { describeApp, type TestApp } from "../support/app.ts";
import {
  addMember,
  getEvents,
  getSnapshot,
  makeComment,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
} from "../support/people.ts";

async function makeTalk(app: TestApp, name: string) {
  const [ana, ben] = [await makePerson(app, `${name}-ana`), await makePerson(app, `${name}-ben`)];
  const project = await makeProject(ana, { name });
  await addMember(ana, project, ben, "member");
  const task = await makeTask(ana, project);
  const { seq } = await getSnapshot(ana, project);
  const told = async () => (await getEvents(ana, project, seq)).map(({ event, data }) => ({ event, data }));
  return { ana, ben, project, task, told, path: `/api/tasks/${task.id}/comments` };
}

describeApp("comments", (app) => {
  test("[H2] a comment is answered whole and told whole, with its author", async () => {
    const { ben, task, told, path } = await makeTalk(app, "write");
    const content = '# Hello\n\n<script>alert(1)</script> \u{1F600} "quoted" \\ \u2028';
    const reply = await ben.call<Comment>("POST", path, { content });
    expect(ok(reply, 201)).toEqual({
      id: expect.any(String),
      task_id: task.id,
      author_id: ben.id,
      content,
      reactions: {},
      created_at: expect.any(String),
      edited_at: null,
      deleted_at: null,
    });
    const author = { id: ben.id, name: "write-ben", avatar_url: null, role: "user" };
    expect(await told()).toEqual([{ event: "comment_added", data: { comment: reply.body, task_id: task.id, author } }]);
  });

  test("[H2] the list is in the order they were written, in pages, deleted ones among them", async () => {
    const { ana, ben, task, path } = await makeTalk(app, "list");
    const made: Comment[] = [];
    for (let i = 0; i < 5; i++) made.push(await makeComment(i % 2 ? ana : ben, task, `Comment ${i}`));
    ok(await ben.call("DELETE", `/api/comments/${made[2]?.id}`), 204);
    const seen: Comment[] = [];
    let page = ok(await ben.call<Page<Comment>>("GET", `${path}?limit=2`), 200);
    for (; page.next_cursor; page = ok(await ben.call("GET", `${path}?limit=2&cursor=${page.next_cursor}`), 200))
      seen.push(...page.items);
    seen.push(...page.items);
    expect(seen.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    expect(seen.map(({ content }) => content)).toEqual(["Comment 0", "Comment 1", "", "Comment 3", "Comment 4"]);
    expect((await ben.call("GET", `${path}?cursor=W10`)).problem.errors?.[0]?.path).toBe("cursor");
  });

  test("[H2] the list is read from the newest back, in pages whose cursor is good for that order", async () => {
    const { ben, task, path } = await makeTalk(app, "newest");
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.push((await makeComment(ben, task, `Comment ${i}`)).id);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const at: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const page = ok(await ben.call<Page<Comment>>("GET", `${path}?order=newest&limit=2${at}`), 200);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(made.toReversed());
    expect((await ben.call("GET", `${path}?order=best`)).problem.errors?.[0]?.path).toBe("order");
  });

  test("its author edits it, another member does not; the same content is no event", async () => {
    const { ana, ben, project, task, told } = await makeTalk(app, "edit");
    const cleo = await makePerson(app, "edit-cleo");
    await addMember(ana, project, cleo, "member");
    const comment = await makeComment(ben, task, "before");
    expect((await cleo.call("PATCH", `/api/comments/${comment.id}`, { content: "x" })).problem.code).toBe("forbidden");
    expect(ok(await ben.call<Comment>("PATCH", `/api/comments/${comment.id}`, { content: "before" }), 200)).toEqual(
      comment,
    );
    const edited = ok(await ben.call<Comment>("PATCH", `/api/comments/${comment.id}`, { content: "after" }), 200);
    expect(edited).toEqual({ ...comment, content: "after", edited_at: expect.any(String) });
    expect((await told()).slice(2)).toEqual([
      {
        event: "comment_updated",
        data: { comment: edited, task_id: task.id, comment_id: comment.id, updated_by: ben.id },
      },
    ]);
  });

  test("a deleted comment stays without its content, and is neither edited nor deleted again", async () => {
    const { ben, task, told } = await makeTalk(app, "delete");
    const comment = await makeComment(ben, task, "secret");
    ok(await ben.call("DELETE", `/api/comments/${comment.id}`), 204);
    const deleted = { ...comment, content: "", deleted_at: expect.any(String) };
    expect((await told()).slice(1)).toEqual([
      {
        event: "comment_deleted",
        data: { comment: deleted, task_id: task.id, comment_id: comment.id, deleted_by: ben.id },
      },
    ]);
    expect((await ben.call("PATCH", `/api/comments/${comment.id}`, { content: "x" })).status).toBe(404);
    expect((await ben.call("DELETE", `/api/comments/${comment.id}`)).status).toBe(404);
    expect((await ben.call("DELETE", `/api/comments/${Bun.randomUUIDv7()}`)).status).toBe(404);
  });

  test("[H4] a client-made id sent again with the same comment answers it, with another is a conflict", async () => {
    const { ana, ben, project, task, told, path } = await makeTalk(app, "client-id");
    const id = Bun.randomUUIDv7();
    const comment = ok(await ben.call<Comment>("POST", path, { content: "Hello", id }), 201);
    expect(comment.id).toBe(id);
    expect(ok(await ben.call<Comment>("POST", path, { content: "Hello", id }), 201)).toEqual(comment);
    const other = await ben.call("POST", path, { content: "Other", id });
    expect(other.problem).toMatchObject({ code: "conflict", current: comment });
    expect((await ana.call("POST", path, { content: "Hello", id })).problem.current).toEqual(comment);
    const [eve, elsewhere] = [await makePerson(app, "client-id-eve"), await makeTask(ana, project)];
    const theirs = await makeTask(eve, await makeProject(eve));
    expect((await ben.call("POST", `/api/tasks/${elsewhere.id}/comments`, { content: "Hello", id })).status).toBe(409);
    const blind = (await eve.call("POST", `/api/tasks/${theirs.id}/comments`, { content: "Hello", id })).problem;
    expect([blind.code, "current" in blind]).toEqual(["conflict", false]);
    expect((await told()).map(({ event }) => event)).toEqual(["comment_added", "task_created"]);
    expect(task.id).toBe(comment.task_id);
  });

  test("[H1] a stranger hears the same of a comment, of its task and of nothing", async () => {
    const { ana, task } = await makeTalk(app, "stranger");
    const eve = await makePerson(app, "stranger-eve");
    const comment = await makeComment(ana, task, "private");
    const nowhere = Bun.randomUUIDv7();
    for (const [method, path, body] of [
      ["GET", "/api/tasks/ID/comments", undefined],
      ["POST", "/api/tasks/ID/comments", { content: "x" }],
      ["PATCH", "/api/comments/ID", { content: "x" }],
      ["DELETE", "/api/comments/ID", undefined],
    ] as const) {
      const id = path.startsWith("/api/tasks") ? task.id : comment.id;
      const there = (await eve.call(method, path.replace("ID", id), body)).problem;
      const nothing = (await eve.call(method, path.replace("ID", nowhere), body)).problem;
      expect({ ...there, request_id: "" }).toEqual({ ...nothing, request_id: "" });
      expect(there.code).toBe("not_found");
    }
  });
});
