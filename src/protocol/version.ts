/**
 * The wire's version. A change that could break a client raises it, once the version was released; additions do not.
 * docs/wire.json holds the wire as of the last `bun run docs:generate`, which tells the two apart.
 */
export const protocolVersion = 1;

/**
 * The versions that a server speaks, newest first: its own and the one before. During a rolling upgrade servers and clients of
 * two neighbouring versions meet each other, so clients offer theirs and the one before, too, and the newest both know is
 * spoken. Whoever raises the version keeps what the one before meant, for sockets whose `protocol` it is.
 */
export const spokenVersions = (version = protocolVersion): readonly number[] =>
  [version, version - 1].filter((one) => one >= 1);

export const subprotocolOf = (version: number): string => `taskwire.v${version}`;

interface Version {
  readonly about: string;
  /** Clients out there speak it. Until then it may still change. */
  readonly released: boolean;
}

export const history: Readonly<Record<number, Version>> = {
  1: { about: "The first contract.", released: false },
};
