/** Makes the people and rooms of a run, and serves them. */
import { seedTaskwire } from "./targets.ts";

const people = Number(process.env.BENCH_PEOPLE);
const members = Number(process.env.BENCH_MEMBERS ?? people);
await seedTaskwire(undefined, process.env.DATA_DIR ?? "", { rooms: Math.ceil(people / members), members, tasks: 1 });
await import("./fanout-server.ts");
