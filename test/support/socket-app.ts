/** One application for a test file, with a clock the test moves, raw sockets and people of a host application. */
import { afterAll, afterEach, beforeAll } from "bun:test";
import type { Project } from "../../src/protocol/projects.ts";
import { startApp, type TestApp } from "./app.ts";
import { createMovableClock, type MovableClock } from "./clock.ts";
import { addMember, makePerson, makeProject, type Person } from "./people.ts";
import { openWire, type Wire, type WireOptions } from "./wire.ts";

export interface SocketApp {
  readonly clock: MovableClock;
  readonly app: TestApp;
  /** A socket; destroyed after the test. */
  open(options?: WireOptions): Promise<Wire>;
  /** A socket of a person that is connected already. */
  connect(person: Person, options?: WireOptions): Promise<Wire>;
  person(name: string): Promise<Person>;
  /** A project with an owner and further members. */
  project(owner: Person, members?: readonly Person[], role?: string): Promise<Project>;
}

/** Call at the top of a test file. `env` is configuration. */
export function useSocketApp(env: Readonly<Record<string, string>> = {}): SocketApp {
  // Close to the machine's time: the library's sessions and the tokens of the tests are made by it.
  const clock = createMovableClock(Date.now());
  const wires: Wire[] = [];
  let app: TestApp | undefined;
  beforeAll(async () => {
    app = await startApp({ overrides: { clock }, env });
  });
  afterEach(() => {
    for (const wire of wires.splice(0)) wire.destroy();
  });
  afterAll(() => app?.stop());

  const started = (): TestApp => {
    if (!app) throw new Error("the application runs from the first test on");
    return app;
  };
  const open = async (options?: WireOptions): Promise<Wire> => {
    const wire = await openWire(started().url, options);
    wires.push(wire);
    return wire;
  };
  return {
    clock,
    get app() {
      return started();
    },
    open,
    async connect(person, options) {
      const wire = await open({ token: person.token, ...options });
      await wire.take("connected");
      return wire;
    },
    person: (name) => makePerson(started(), `${name} ${Bun.randomUUIDv7()}`),
    async project(owner, members = [], role = "member") {
      const project = await makeProject(owner);
      for (const member of members) await addMember(owner, project, member, role);
      return project;
    },
  };
}
