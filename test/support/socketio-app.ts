/** Clients of Socket.IO for the one application of a test file; all are gone after each test. */
import { afterEach } from "bun:test";
import type { Person } from "./people.ts";
import type { SocketApp } from "./socket-app.ts";
import { type ClientOptions, openSocketIo, type SocketIoClient } from "./socketio-client.ts";

export interface SocketIoApp {
  open(options?: ClientOptions): SocketIoClient;
  /** A person's client that has heard `connected`. */
  connect(person: Person, options?: ClientOptions): Promise<SocketIoClient>;
}

export function useSocketIo(home: SocketApp): SocketIoApp {
  const clients: SocketIoClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.leave();
  });
  const open = (options?: ClientOptions): SocketIoClient => {
    const client = openSocketIo(options?.url ?? home.app.url, options);
    clients.push(client);
    return client;
  };
  return {
    open,
    async connect(person, options) {
      const client = open({ auth: { token: person.token }, ...options });
      const refused = await client.entered();
      if (refused) throw new Error(`refused: ${refused.message}`);
      await client.take("connected");
      return client;
    },
  };
}
