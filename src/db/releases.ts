/**
 * Which release of Taskwire brought which migrations. During a rolling upgrade servers of two neighbouring releases share a
 * database: migrations of one release may only add to what the release before knows.
 */

export interface Release {
  /** As in package.json. */
  readonly version: string;
  /** Name of its first migration. A release without any has no line. */
  readonly first: string;
  /** Name of its last one, once it is out: a migration behind it needs the next release's line. */
  readonly last?: string;
}

export const releases: readonly Release[] = [{ version: "0.1.0", first: "0000_road" }];

/** The version that brings the migration. Throws for one that no release may bring, which stops the build. */
export function releaseOf(name: string, of = releases): string {
  // Names begin with their number, so their order is that of the texts.
  const release = of.findLast(({ first }) => first <= name);
  if (!release || (release.last !== undefined && name > release.last)) {
    throw new Error(`${name} belongs to no release: add a line for the next one to src/db/releases.ts`);
  }
  return release.version;
}
