/** A server, people, a network that can be cut, and clients that end with their test: for a file of tests of the SDK. */
import { afterAll, afterEach, beforeAll } from "bun:test";
import { createTaskwire, type Taskwire, type TaskwireOptions } from "../../src/client/index.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { createLink, type Link } from "../support/link.ts";
import { makePerson, type Person } from "../support/people.ts";

export interface ClientStage {
  readonly app: TestApp;
  readonly link: Link;
  readonly ana: Person;
  readonly ben: Person;
  /** Straight to the server, unless `url` says otherwise. */
  connect(options: TaskwireOptions): Taskwire;
  /** Over the link, as this person. */
  overLink(person: Person): Taskwire;
}

/** To be read in tests only: it is set before the first and taken down after the last of the file. */
export function clientStage(): ClientStage {
  let app: TestApp;
  let link: Link;
  let ana: Person;
  let ben: Person;
  let clients: Taskwire[] = [];
  beforeAll(async () => {
    app = await startApp();
    link = createLink(app.url);
    [ana, ben] = [await makePerson(app, "Ana"), await makePerson(app, "Ben")];
  });
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });
  afterAll(async () => {
    link.stop();
    await app.stop();
  });
  const connect = (options: TaskwireOptions): Taskwire => {
    const client = createTaskwire({ url: app.url, ...options });
    clients.push(client);
    return client;
  };
  return {
    get app() {
      return app;
    },
    get link() {
      return link;
    },
    get ana() {
      return ana;
    },
    get ben() {
      return ben;
    },
    connect,
    overLink: ({ token }) => connect({ url: link.url, token: () => token }),
  };
}
