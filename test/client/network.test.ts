/** The SDK over a network that is cut, mended and loses answers; and with tokens that end. */
import { expect, test } from "bun:test";
import { SignJWT } from "jose";
import { when } from "../../src/client/index.ts";
import { hostSecret } from "../support/app.ts";
import { addMember, getEvents, getSnapshot, makeProject, makeTask, type Person } from "../support/people.ts";
import { clientStage } from "./stage.ts";

const stage = clientStage();

/** A token of the host application that ends so many seconds from now. */
const tokenFor = (person: Person, seconds: number): Promise<string> =>
  new SignJWT({ name: person.name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(person.name)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(new TextEncoder().encode(hostSecret));

test("[H4] a write whose answer is lost is sent again after the reconnect and applied once", async () => {
  const project = await makeProject(stage.ana);
  await addMember(stage.ana, project, stage.ben, "member");
  const [task, other] = [await makeTask(stage.ana, project), await makeTask(stage.ana, project)];
  const anas = stage.overLink(stage.ana);
  const anaStore = await anas.joinProject(project.id);
  const benStore = await stage.connect({ token: () => stage.ben.token }).joinProject(project.id);
  const before = await getEvents(stage.ana, project);

  stage.link.deafen();
  const writes = [anas.updateTaskStatus(task.id, "review"), anas.addComment(other.id, "Heard, not answered")];
  const created = anas.createTask(project.id, { title: "Made once" });
  await when(benStore.tasks, (tasks) => tasks.size === 3);
  expect(anas.waiting.value).toHaveLength(3);
  stage.link.cut();
  await when(anas.connection.state, (state) => state === "offline");
  stage.link.mend();
  await Promise.all([...writes, created]);

  const events = (await getEvents(stage.ana, project)).slice(before.length).map(({ event }) => event);
  expect(events.sort()).toEqual(["comment_added", "task_created", "task_status_changed"]);
  await when(anaStore.pending, (pending) => pending.size === 0);
  const { tasks } = await getSnapshot(stage.ana, project);
  expect([...anaStore.tasks.value.keys()].sort()).toEqual(tasks.map(({ id }) => id).sort());
});

test("[S5] what happened while the link was cut is there when it is mended, each event once and in order", async () => {
  const project = await makeProject(stage.ana);
  const anas = stage.overLink(stage.ana);
  const store = await anas.joinProject(project.id);
  const heard: number[] = [];
  anas.on("task_created", (_, { seq = 0 }) => heard.push(seq));
  await makeTask(stage.ana, project, { title: "before" });
  await when(store.tasks, (tasks) => tasks.size === 1);

  stage.link.cut();
  await when(anas.connection.state, (state) => state === "offline");
  for (let i = 0; i < 20; i++) await makeTask(stage.ana, project, { title: `missed ${i}` });
  stage.link.mend();
  await when(store.tasks, (tasks) => tasks.size === 21);
  await when(anas.connection.state, (state) => state === "live");
  const events = await getEvents(stage.ana, project);
  expect(heard).toEqual(events.filter(({ event }) => event === "task_created").map(({ seq }) => seq));
  expect(anas.connection.offlineSince.value).toBeNull();
});

test("a project made while one was away is heard of in one's own room", async () => {
  const anas = stage.overLink(stage.ana);
  const joined: string[] = [];
  anas.on("project_joined", ({ project_id }) => joined.push(project_id));
  await when(anas.connection.state, (state) => state === "live");
  stage.link.cut();
  await when(anas.connection.state, (state) => state === "offline");
  const project = await makeProject(stage.ana);
  stage.link.mend();
  await when(anas.connection.state, (state) => state === "live");
  expect(joined).toEqual([project.id]);
});

test("[S10] a token that ends soon is renewed in the same connection", async () => {
  let asked = 0;
  // The second one ends in a minute too: that the server says so shows that it took it.
  const token = () => tokenFor(stage.ana, [61, 63][asked++] ?? 7200);
  const anas = stage.connect({ token });
  let greetings = 0;
  anas.on("connected", () => greetings++);
  const twice = new Promise<void>((resolve) => {
    let warnings = 0;
    anas.on("token_expiring", () => {
      if (++warnings === 2) resolve();
    });
  });
  await twice;
  await when(anas.connection.state, (state) => state === "live");
  expect({ greetings, asked }).toEqual({ greetings: 1, asked: 3 });
});

test("[S9] a token that is refused is asked for anew, at once", async () => {
  let asked = 0;
  const anas = stage.connect({ token: () => (asked++ === 0 ? "no.token.atall" : stage.ana.token) });
  await when(anas.connection.state, (state) => state === "live");
  expect(asked).toBe(2);
  expect(anas.user.value?.id).toBe(stage.ana.id);
});

test("a fixed token that the server refuses stops the client instead of trying for ever", async () => {
  const anas = stage.connect({ token: "no.token.atall" });
  expect(await when(anas.connection.refusal, (reason) => reason !== null)).toBe("unauthenticated");
  expect(anas.connection.state.value).toBe("offline");
});

test("a closed client rejects what waits, and what is asked of it later", async () => {
  const project = await makeProject(stage.ana);
  const task = await makeTask(stage.ana, project);
  const anas = stage.overLink(stage.ana);
  await anas.joinProject(project.id);
  stage.link.cut();
  const waiting = anas.updateTaskStatus(task.id, "review").catch((error: unknown) => error);
  anas.close();
  expect(await waiting).toMatchObject({ code: "closed" });
  const later = await anas.updateTaskStatus(task.id, "review").catch((error: unknown) => error);
  expect(later).toMatchObject({ code: "closed" });
  expect(await anas.joinProject(project.id).catch((error: unknown) => error)).toMatchObject({ code: "closed" });
  stage.link.mend();
});
