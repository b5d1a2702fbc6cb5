/** The seed's people: accounts that can sign in, all with one password. */
import type { Transaction } from "../../db/context.ts";
import { transact } from "../../db/context.ts";
import { queryIn } from "../../db/query.ts";
import { AppError } from "../../protocol/errors.ts";
import type { User } from "../../protocol/users.ts";
import { systemCtx } from "../../realtime/log.ts";
import type { Passwords } from "../auth/passwords.ts";
import { claimFirstAccount } from "../auth/sign-up.ts";
import { bulkInsert, insertRows } from "./bulk.ts";
import { beginMarker, type PeopleMarker, peopleMarker, readMarker, setMarker } from "./marker.ts";
import type { SeedParts } from "./options.ts";
import { firstNames, lastNames, timeZones } from "./people-names.ts";
import { createRandom, seedId, shuffled } from "./random.ts";
import { createWorkTime, dayMs, iso } from "./work-time.ts";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly timeZone: string;
}

export const personId = (seed: number, index: number): string => seedId(seed, "person", index);

/** The first `count` people of a seed. */
export function peopleOf(seed: number, count: number): Person[] {
  const random = createRandom(seed, "people");
  const [first, last] = [shuffled(firstNames, random), shuffled(lastNames, random)];
  return Array.from({ length: count }, (_, i) => {
    const at = i % first.length;
    const name = `${first[at]} ${last[(at + Math.floor(i / first.length)) % last.length]}`;
    const timeZone = timeZones[i % timeZones.length] ?? "UTC";
    return { id: personId(seed, i), name, email: emailOf(name, seed), timeZone };
  });
}

/** `zoe.okafor@example.com`: no mail can reach that domain (RFC 2606). Another seed's people have another address. */
function emailOf(name: string, seed: number): string {
  const local = name
    .replaceAll("ı", "i")
    .normalize("NFKD")
    .replace(/[^A-Za-z ]/g, "")
    .toLowerCase()
    .replaceAll(" ", ".");
  return `${local}${seed === 1 ? "" : `.${seed}`}@example.com`;
}

const users = bulkInsert("users", {
  ...{ id: "uuid", name: "text", email: "text", email_verified: "boolean", role: "text", time_zone: "text" },
  ...{ created_at: "timestamptz", updated_at: "timestamptz" },
});
const accounts = bulkInsert("accounts", {
  ...{ id: "uuid", user_id: "uuid", provider_id: "text", account_id: "text", password: "text" },
});
const rooms = bulkInsert("rooms", { id: "uuid", kind: "text", epoch: "text" });

export interface MadePeople {
  /** How many of them were there before. */
  readonly before: number;
  /** All that were asked for, or more where there were more. */
  readonly people: readonly Person[];
  /** Null where nobody was made. */
  readonly password: string | null;
  readonly administrator: string | null;
}

interface Wanted {
  readonly seed: number;
  readonly people: number;
  readonly password: string;
}

/**
 * Makes those who are missing. The first of them becomes the administrator of a server without any account: nobody else
 * could. Throws `conflict` where an address is somebody else's.
 */
export async function makePeople(
  { store, clock }: SeedParts,
  passwords: Passwords,
  wanted: Wanted,
): Promise<MadePeople> {
  const { seed, password } = wanted;
  const key = peopleMarker(seed);
  const ctx = systemCtx({ store }, "seed");
  const known = await store.database.guard(() => readMarker<PeopleMarker>(store.database.orm, key));
  const before = known?.people ?? 0;
  if (before >= wanted.people) return { before, people: peopleOf(seed, before), password: null, administrator: null };
  const hash = await passwords.hash(password);
  const { answer } = await transact<MadePeople>(ctx, {
    rooms: [],
    async work({ orm }) {
      await beginMarker(orm, key, { people: 0 });
      const before = (await readMarker<PeopleMarker>(orm, key, true))?.people ?? 0;
      const people = peopleOf(seed, Math.max(before, wanted.people));
      const missing = people.slice(before);
      const [first] = missing;
      if (!first) return { before, people, password: null, administrator: null };
      await requireFree(orm, missing);
      const claimed = await claimFirstAccount(orm, first.id);
      await insertPeople(orm, missing, { hash, administratorId: claimed ? first.id : undefined, nowMs: clock.now() });
      await setMarker(orm, key, { people: people.length });
      return { before, people, password, administrator: claimed ? first.email : null };
    },
    replay: () => {
      throw new Error("the seed has no mutation to replay");
    },
  });
  return answer;
}

async function requireFree(orm: Transaction, people: readonly Person[]): Promise<void> {
  const rows = await queryIn<{ email: string }>(
    orm,
    "select email from users where email = any(string_to_array($1, ',')) order by email limit 1",
    [people.map(({ email }) => email).join()],
  );
  const [taken] = rows;
  if (taken)
    throw new AppError("conflict", `there is an account with the address ${taken.email} already; choose another seed`);
}

interface Making {
  readonly hash: string;
  readonly administratorId: string | undefined;
  readonly nowMs: number;
}

async function insertPeople(orm: Transaction, people: readonly Person[], making: Making): Promise<void> {
  const created_at = iso(createWorkTime(making.nowMs).at(0) - dayMs);
  await insertRows(
    orm,
    users,
    people.map(({ id, name, email, timeZone }) => ({
      ...{ id, name, email, email_verified: "true", time_zone: timeZone, created_at, updated_at: created_at },
      role: id === making.administratorId ? "admin" : "user",
    })),
  );
  await insertRows(
    orm,
    accounts,
    people.map(({ id }) => ({
      ...{ id: seedId(0, "account", 0, id), user_id: id, provider_id: "credential", account_id: id },
      password: making.hash,
    })),
  );
  await insertRows(
    orm,
    rooms,
    people.map(({ id }) => ({ id, kind: "user", epoch: crypto.randomUUID().slice(0, 8) })),
  );
}

/** Rows of people as members see them, by id. */
export async function readUsers(orm: Pick<Transaction, "_">, ids: readonly string[]): Promise<Map<string, User>> {
  const rows = await queryIn<{ id: string; name: string; image: string | null; role: User["role"] }>(
    orm,
    "select id, name, image, role from users where id = any($1::uuid[])",
    [`{${ids.join()}}`],
  );
  return new Map(rows.map(({ id, name, image, role }) => [id, { id, name, avatar_url: image, role }]));
}
