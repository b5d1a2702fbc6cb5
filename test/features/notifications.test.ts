/** Who is told of what happens in a project. */
import { expect, test } from "bun:test";
import type { Notification } from "../../src/protocol/notifications.ts";
import { describeApp } from "../support/app.ts";
import { everybodyTold, inboxOf, toldEach } from "../support/inbox.ts";
import { addMember, makeComment, makePerson, makeTask, ok, type Person } from "../support/people.ts";
import { makeTeam, update } from "../support/team.ts";
import { openLive } from "../support/wire.ts";

const mention = ({ name, id }: Person): string => `@[${name}](${id})`;

describeApp("notifications", (app) => {
  const makeCrowd = async (name: string) => {
    const team = await makeTeam(app, name);
    const cem = await makePerson(app, `${name}-cem`);
    await addMember(team.ana, team.project, cem, "viewer");
    const eve = await makePerson(app, `${name}-eve`);
    const everyone = [team.ana, team.ben, cem, eve];
    await toldEach(app, team.project, everyone);
    return { ...team, cem, eve, told: () => toldEach(app, team.project, everyone) };
  };
  const watch = async (person: Person, task: { id: string }, method = "PUT") =>
    ok(await person.call(method, `/api/tasks/${task.id}/watchers/me`), 204);
  const move = async (person: Person, task: { id: string }, status: string) =>
    ok(await person.call("POST", `/api/tasks/${task.id}/move`, { status }), 200);

  test("who is assigned is told, and nobody else", async () => {
    const { ana, ben, cem, project, told } = await makeCrowd("assign");
    const task = await makeTask(ana, project, { title: "Paint", assignee_ids: [ana.id, ben.id] });
    expect(await told()).toEqual({ [ben.name]: [`assigned ${ana.name} assigned you ${task.key} Paint`] });
    await update(ben, task, { assignee_ids: [ben.id, cem.id] });
    expect(await told()).toEqual({ [cem.name]: [`assigned ${ben.name} assigned you ${task.key} Paint`] });
    await update(cem, task, { assignee_ids: [] }).catch(() => {});
    await update(ana, task, { assignee_ids: [ana.id] });
    expect(await told()).toEqual({});
  });

  test("an entry says what happened, to what, where to look, and by whom", async () => {
    const { ana, ben, project } = await makeCrowd("entry");
    const task = await makeTask(ana, project, { title: "Paint", assignee_ids: [ben.id] });
    await everybodyTold(app, project);
    const { items, unread_count, next_cursor } = await inboxOf(ben, "?unread=true");
    expect([items.length, unread_count, next_cursor]).toEqual([1, 1, null]);
    const { id, created_at, updated_at, ...rest } = items[0] as Notification;
    expect(created_at).toBe(updated_at);
    expect(rest).toEqual({
      type: "assigned",
      category: "assigned",
      message: `${ana.name} assigned you ${task.key} Paint`,
      data: {
        event: "task_created",
        seq: expect.any(Number),
        project_id: project.id,
        project_name: project.name,
        task_id: task.id,
        task_key: task.key,
        task_title: "Paint",
        actor_id: ana.id,
        actor_name: ana.name,
      },
      link: `/projects/${project.id}/tasks/${task.id}`,
      count: 1,
      read_at: null,
      snoozed_until: null,
      archived_at: null,
    });
  });

  test("who watches hears of comments and of the status: author, assignees, commenters and by hand", async () => {
    const { ana, ben, cem, project, told } = await makeCrowd("watch");
    const task = await makeTask(ana, project, { title: "Paint" });
    await makeComment(ben, task, "Which colour?");
    expect(await told()).toEqual({ [ana.name]: [`comment ${ben.name} commented: Which colour?`] });
    await move(ana, task, "in_progress");
    expect(await told()).toEqual({ [ben.name]: [`status ${ana.name} moved ${task.key} Paint to in progress`] });
    await watch(cem, task);
    await makeComment(ana, task, "Blue");
    expect(await told()).toEqual({
      [ben.name]: [`comment ${ana.name} commented: Blue`],
      [cem.name]: [`comment ${ana.name} commented: Blue`],
    });
    await update(ana, task, { title: "Paint it", description: "all", priority: "high" });
    expect(await told()).toEqual({});
  });

  test("who does not want to watch is left alone, whatever happens, until they do", async () => {
    const { ana, ben, cem, project, told } = await makeCrowd("unwatch");
    const task = await makeTask(ana, project, { title: "Paint" });
    await watch(ben, task, "DELETE");
    await update(ana, task, { assignee_ids: [ben.id] });
    await makeComment(cem, task, "x").catch(() => {});
    await makeComment(ana, task, "One");
    expect(await told()).toEqual({ [ben.name]: [`assigned ${ana.name} assigned you ${task.key} Paint`] });
    await makeComment(ben, task, "Two");
    expect(await told()).toEqual({ [ana.name]: [`comment ${ben.name} commented: Two`] });
    await makeComment(ana, task, "Three");
    expect(await told()).toEqual({});
    await watch(ben, task);
    await makeComment(ana, task, "Four");
    expect(await told()).toEqual({ [ben.name]: [`comment ${ana.name} commented: Four`] });
  });

  test("mentioned is who is named with their id and is a member, once, and not as a watcher besides", async () => {
    const { ana, ben, cem, eve, project, told } = await makeCrowd("mention");
    const task = await makeTask(ana, project, {
      title: "Paint",
      description: `see ${mention(cem)} and ${mention(ana)}`,
    });
    expect(await told()).toEqual({ [cem.name]: [`mentioned ${ana.name} mentioned you in ${task.key} Paint`] });
    await watch(ben, task);
    const upper = `@[Whatever](${ben.id.toUpperCase()})`;
    await makeComment(
      ana,
      task,
      `${mention(ben)} ${upper} ${mention(eve)} @${cem.name} [x](${cem.id}) @[](${cem.id}) **hi**\n- [ ] \`a*b\``,
    );
    expect(await told()).toEqual({
      [ben.name]: [`mentioned ${ana.name} mentioned you: @${ben.name} @Whatever @${eve.name} @${cem.name} x @ hi a*b`],
    });
  });

  test("an edit tells those whom it names anew, and nobody twice", async () => {
    const { ana, ben, cem, project, told } = await makeCrowd("edit");
    const task = await makeTask(ana, project, { title: "Paint", description: mention(ben) });
    const comment = await makeComment(ana, task, `Hello ${mention(ben)}`);
    await told();
    await update(ana, task, { description: `${mention(ben)} ${mention(cem)}` });
    expect(await told()).toEqual({ [cem.name]: [`mentioned ${ana.name} mentioned you in ${task.key} Paint`] });
    const edit = async (content: string) =>
      ok(await ana.call("PATCH", `/api/comments/${comment.id}`, { content }), 200);
    await edit(`Hello ${mention(ben)} and ${mention(cem)}`);
    expect(await told()).toEqual({
      [cem.name]: [`mentioned ${ana.name} mentioned you: Hello @${ben.name} and @${cem.name}`],
    });
    await edit(`Bye ${mention(ben)} and ${mention(cem)}`);
    await update(ana, task, { title: "Paint more" });
    expect(await told()).toEqual({});
  });

  test("who is added to a project is told by whom and as what", async () => {
    const { ana, eve, project, told } = await makeCrowd("added");
    await addMember(ana, project, eve, "viewer");
    expect(await told()).toEqual({ [eve.name]: [`project_added ${ana.name} added you as viewer`] });
    expect((await inboxOf(eve)).items[0]?.link).toBe(`/projects/${project.id}`);
  });

  test("who left, and who is disabled, is told nothing more", async () => {
    const { ana, ben, cem, project, told } = await makeCrowd("left");
    const task = await makeTask(ana, project, { title: "Paint" });
    for (const person of [ben, cem]) await watch(person, task);
    ok(await ana.call("DELETE", `/api/projects/${project.id}/members/${ben.id}`), 204);
    await app.database.sql`update users set disabled_at = now() where id = ${cem.id}`;
    await makeComment(ana, task, `Hello ${mention(ben)} ${mention(cem)}`);
    await everybodyTold(app, project);
    await app.database.sql`update users set disabled_at = null where id = ${cem.id}`;
    expect(await told()).toEqual({});
  });

  test("ten repeats within a minute are one entry with a count, and one that was read is not added to", async () => {
    const { ana, ben, project, told } = await makeCrowd("repeat");
    const task = await makeTask(ana, project, { title: "Paint" });
    await watch(ben, task);
    for (let round = 1; round <= 5; round++) {
      await makeComment(ana, task, `Note ${round}`);
      await move(ana, task, round % 2 === 0 ? "todo" : "in_progress");
      // Some in one page of the log, some in several.
      if (round % 2 === 0) await everybodyTold(app, project);
    }
    expect(await told()).toEqual({
      [ben.name]: [
        `comment ${ana.name} commented: Note 5 ×5`,
        `status ${ana.name} moved ${task.key} Paint to in progress ×5`,
      ],
    });
    await makeComment(ana, task, "Note 6");
    expect(await told()).toEqual({ [ben.name]: [`comment ${ana.name} commented: Note 6`] });
  });

  test("a repeat after a minute is another entry", async () => {
    const { ana, ben, project, told } = await makeCrowd("minute");
    const task = await makeTask(ana, project, { title: "Paint" });
    await watch(ben, task);
    await makeComment(ana, task, "One");
    await everybodyTold(app, project);
    await app.database
      .sql`update notifications set updated_at = updated_at - interval '61 s' where user_id = ${ben.id}`;
    await makeComment(ana, task, "Two");
    expect(await told()).toEqual({
      [ben.name]: [`comment ${ana.name} commented: One`, `comment ${ana.name} commented: Two`],
    });
  });

  test("what somebody does not want in the inbox is not there, nor heard", async () => {
    const { ana, ben, project, told } = await makeCrowd("choice");
    const task = await makeTask(ana, project, { title: "Paint" });
    await watch(ben, task);
    const choose = async (query: string, comments: object) =>
      ok(await ben.call("PUT", `/api/notifications/preferences${query}`, { channels: { comments } }), 200);
    const wire = await openLive(app.url, ben.token);
    await choose("", { in_app: false });
    await makeComment(ana, task, "One");
    expect(await told()).toEqual({});
    await choose(`?project_id=${project.id}`, { in_app: true });
    await makeComment(ana, task, "Two");
    expect((await wire.take("notification")).data.notification).toMatchObject({
      message: `${ana.name} commented: Two`,
    });
    expect(Object.keys(await told())).toEqual([ben.name]);
    wire.destroy();
  });

  test("a long comment is cut between two characters", async () => {
    const { ana, ben, project } = await makeCrowd("long");
    const task = await makeTask(ana, project, { title: "Paint" });
    await watch(ben, task);
    for (const start of ["", "x"]) await makeComment(ana, task, start + "\u{1F600}".repeat(150));
    await everybodyTold(app, project);
    const { items } = await inboxOf(ben, "?unread=true");
    expect(items.map(({ message, count }) => [message, count])).toEqual([
      [`${ana.name} commented: x${"\u{1F600}".repeat(99)}…`, 2],
    ]);
  });
});
