/**
 * Makes the people and rooms of a run, and serves them: on the embedded database the socket without a write behind its
 * frames; with BENCH_DATABASE_URL the whole server, on a database of its own in that cluster.
 */
import postgres from "postgres";
import { seedTaskwire } from "./targets.ts";

const people = Number(process.env.BENCH_PEOPLE);
const members = Number(process.env.BENCH_MEMBERS ?? people);
const tasks = Number(process.env.BENCH_TASKS ?? 1);
const size = { rooms: Math.ceil(people / members), members, tasks };
const dataDir = process.env.DATA_DIR ?? "";
const cluster = process.env.BENCH_DATABASE_URL;

if (cluster === undefined) {
  await seedTaskwire(undefined, dataDir, size);
  await import("./fanout-server.ts");
} else {
  const admin = postgres(cluster, { max: 1, onnotice: () => {} });
  await admin.unsafe("drop database if exists taskwire with (force)");
  await admin.unsafe("create database taskwire");
  await admin.end();
  const url = new URL(cluster);
  url.pathname = "/taskwire";
  process.env.DATABASE_URL = url.href;
  await seedTaskwire(url.href, dataDir, size);
  process.argv.push("serve");
  await import("../../src/main.ts");
}
