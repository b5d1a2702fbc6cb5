/** The connection, and other people's presence. */
import type { ConnectionState } from "../../../client/index.ts";
import { number, plural } from "../format.ts";

export const live = {
  states: {
    connecting: "Connecting…",
    live: "Live",
    catching_up: "Catching up…",
    offline: "Offline",
  } satisfies Record<ConnectionState, string>,
  catchingUp: (count: number) => `Catching up (${number(count)})`,
  since: (time: string) => `Offline since ${time}`,
  waiting: (count: number) => plural(count, { one: "# change waiting", other: "# changes waiting" }),
  here: "Here now",
  typing: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is typing…` : `${names.join(", ")} are typing…`,
};
