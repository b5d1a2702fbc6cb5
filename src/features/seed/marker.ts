/** What a seed has made, kept in the database, so that a second run adds only what is missing. */
import type { Transaction } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";

/** Of one of the seed's projects. */
export interface ProjectMarker {
  readonly projectId: string;
  /** When it was begun, in milliseconds since 1970: its history leads up to there. */
  readonly baseMs: number;
  /** Made-up tasks made, or being made while `done` is false: nobody sees the project before. */
  readonly tasks: number;
  /** Its people are the first so many of the seed. */
  readonly people: number;
  /** A person who is given work as well. */
  readonly ownerId: string | null;
  readonly done: boolean;
}

/** Of the seed's people. */
export interface PeopleMarker {
  readonly people: number;
}

export const projectMarker = (seed: number, index: number): string => `seed:${seed}:project:${index}`;
export const peopleMarker = (seed: number): string => `seed:${seed}:people`;

type Orm = Pick<Transaction, "_">;

/** The marker, its row locked where `lock` is set; undefined where there is none. */
export async function readMarker<Marker extends ProjectMarker | PeopleMarker>(
  orm: Orm,
  key: string,
  lock = false,
): Promise<Marker | undefined> {
  const rows = await queryIn<{ value: Marker }>(
    orm,
    `select value from meta where key = $1${lock ? " for update" : ""}`,
    [key],
  );
  return rows[0]?.value;
}

export async function setMarker(orm: Orm, key: string, marker: ProjectMarker | PeopleMarker): Promise<void> {
  await queryIn(
    orm,
    `insert into meta (key, value) values ($1, $2::text::json)
    on conflict (key) do update set value = excluded.value`,
    [key, JSON.stringify(marker)],
  );
}

/** Begins where nothing was begun: of two runs at once the second waits, and is answered false. */
export async function beginMarker(orm: Orm, key: string, marker: ProjectMarker | PeopleMarker): Promise<boolean> {
  const rows = await queryIn(
    orm,
    "insert into meta (key, value) values ($1, $2::text::json) on conflict do nothing returning key",
    [key, JSON.stringify(marker)],
  );
  return rows.length > 0;
}
