/**
 * Releases to come, as their migrations would be: what they add stands in tables of every write. As a program: the server as
 * it will be NEXT_RELEASES releases from now, in what its migrations do, each with the next version of the protocol.
 */
import { createApp } from "../../src/app.ts";
import { loadConfig } from "../../src/core/config.ts";
import { createLog } from "../../src/core/log.ts";
import type { Migration } from "../../src/db/migration-files.ts";
import { migrations } from "../../src/db/migrations.ts";
import { protocolVersion } from "../../src/protocol/version.ts";

const next: Migration = {
  name: "9001_next",
  release: "9.1.0",
  hash: "next",
  up: `
    create table next_things (id uuid primary key, task_id uuid not null references tasks (id) on delete cascade);
    alter table tasks add column next_text text;
    alter table tasks add column next_flag boolean not null default false;
    alter table events add column next_count integer not null default 0;
    alter table rooms add column next_count integer not null default 0;
    alter table comments add column next_text text check (length(next_text) < 100);
    alter table notifications add column next_at timestamptz not null default now();
    create index next_tasks on tasks (project_id, next_text);
    create unique index next_comments on comments (next_text);`,
  down: `
    drop table next_things;
    alter table tasks drop column next_text, drop column next_flag;
    alter table events drop column next_count;
    alter table rooms drop column next_count;
    alter table comments drop column next_text;
    alter table notifications drop column next_at;`,
};

const nextButOne: Migration = {
  name: "9002_next_but_one",
  release: "9.2.0",
  hash: "next but one",
  up: "alter table tasks add column next_but_one text;",
  down: "alter table tasks drop column next_but_one;",
};

export const nextReleases: readonly Migration[] = [next, nextButOne];

/** From the top of the repository. */
export const nextReleaseScript = "test/support/next-releases.ts";

if (import.meta.main) {
  const config = loadConfig(process.env);
  const ahead = nextReleases.slice(0, Number(process.env.NEXT_RELEASES));
  const build = { migrations: [...migrations, ...ahead], protocolVersion: protocolVersion + ahead.length };
  const app = createApp(config, { log: createLog(config), ahead: build });
  const { url } = await app.start();
  console.log(`listening on ${url}`);
  process.once("SIGTERM", () => void app.stop().then(() => process.exit(0)));
}
