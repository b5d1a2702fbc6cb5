/**
 * The wire's version. A change that could break a client raises it, once the version was released; additions do not.
 * docs/wire.json holds the wire as of the last `bun run docs:generate`, which tells the two apart.
 */
export const protocolVersion = 1;
export const subprotocol = "taskwire.v1";

interface Version {
  readonly about: string;
  /** Clients out there speak it. Until then it may still change. */
  readonly released: boolean;
}

export const history: Readonly<Record<number, Version>> = {
  1: { about: "The first contract.", released: false },
};
