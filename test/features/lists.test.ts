import { describe, expect, test } from "bun:test";
import type { Endpoint } from "../../src/protocol/endpoint.ts";
import { endpoints } from "../../src/protocol/endpoints.ts";
import type { Column, Label, Member, Project } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { describeApp } from "../support/app.ts";
import {
  addMember,
  getSnapshot,
  makePerson,
  makeProject,
  makeTask,
  ok,
  type Page,
  type Person,
} from "../support/people.ts";
import { makeTeam, move, update } from "../support/team.ts";

/** All of a list, page by page; `between` happens while there is a next page, given how many were read. */
async function readAll<Item>(
  person: Person,
  path: string,
  limit: number,
  between: (read: number) => Promise<unknown> = async () => {},
): Promise<Item[]> {
  const items: Item[] = [];
  const page = (cursor: string) =>
    person.call<Page<Item>>("GET", `${path}${path.includes("?") ? "&" : "?"}limit=${limit}${cursor}`);
  for (let next: string | null = ""; next !== null; ) {
    const { items: some, next_cursor }: Page<Item> = ok(await page(next && `&cursor=${next}`), 200);
    items.push(...some);
    next = next_cursor;
    if (next !== null) await between(items.length);
  }
  return items;
}

test("[H2] each list says its order, and names its filters", () => {
  const lists = Object.values<Endpoint>(endpoints).flatMap(({ path, description, query }) => {
    const shape = query && "shape" in query && typeof query.shape === "object" ? Object.keys(query.shape ?? {}) : [];
    return shape.includes("limit") && shape.includes("cursor") ? [{ path, description, shape }] : [];
  });
  expect(lists.length).toBeGreaterThan(6);
  for (const { path, description, shape } of lists) {
    expect([path, description]).toEqual([path, expect.stringMatching(/order|\bby\b|first/i)]);
    for (const filter of shape.filter((name) => name !== "limit" && name !== "cursor"))
      expect([path, filter, description]).toEqual([path, filter, expect.stringContaining(`\`${filter}\``)]);
  }
});

describeApp("lists", (app) => {
  describe("[H2] a list read page by page while others write holds what was there all along, once, in order:", () => {
    test("tasks, while others are made, moved, changed and deleted, the cursor's own one too", async () => {
      const { ana, ben, project } = await makeTeam(app, "list-tasks");
      const tasks: Task[] = [];
      for (let i = 0; i < 12; i++) tasks.push(await makeTask(ana, project, { title: `t${i}` }));
      const deleted = new Set<number>();
      const read = await readAll<Task>(ana, `/api/projects/${project.id}/tasks?status=todo`, 3, async (read) => {
        const [last, behind] = [tasks[read - 1], tasks[read + 1]];
        if (last) ok(await ben.call("DELETE", `/api/tasks/${last.id}`), 204);
        if (behind) {
          await move(ben, behind, { status: "todo", before: tasks[0]?.id });
          await update(ben, behind, { title: "changed" });
        }
        deleted.add(read - 1);
        await makeTask(ben, project, { title: "new" });
      });
      const old = read.filter(({ number }) => number <= 12).map(({ number }) => number);
      expect(old).toEqual(tasks.map(({ number }) => number));
      expect(read.map(({ number }) => number)).toEqual([...read.keys()].map((i) => i + 1));
      expect(deleted.size).toBeGreaterThan(3);
    });

    test("tasks of a filter that some no longer fit, and others do from now on", async () => {
      const { ana, ben, project } = await makeTeam(app, "list-filter");
      const tasks: Task[] = [];
      for (let i = 0; i < 12; i++)
        tasks.push(await makeTask(ana, project, { title: "x", status: i % 2 ? "todo" : "review" }));
      const read = await readAll<Task>(ana, `/api/projects/${project.id}/tasks?status=todo`, 2, async (read) => {
        if (read !== 2) return;
        for (const [i, status] of [
          [5, "review"],
          [6, "todo"],
          [0, "todo"],
          [1, "review"],
        ] as const)
          await update(ben, tasks[i] ?? { id: "" }, { status });
      });
      expect(read.map(({ number }) => number - 1)).toEqual([1, 3, 6, 7, 9, 11]);
    });

    test("members, while people come, change and go", async () => {
      const { ana, ben, project } = await makeTeam(app, "list-members");
      const people: Person[] = [ana, ben];
      for (let i = 0; i < 5; i++) {
        const person = await makePerson(app, `list-members-${i}`);
        await addMember(ana, project, person, "viewer");
        people.push(person);
      }
      const at = `/api/projects/${project.id}/members`;
      const late = await makePerson(app, "list-members-late");
      const read = await readAll<Member>(ana, at, 2, async (read) => {
        if (read === 2) ok(await ana.call("DELETE", `${at}/${ben.id}`), 204);
        if (read === 4) ok(await ana.call("PATCH", `${at}/${people[3]?.id}`, { role: "admin" }), 200);
        if (read === 4) await addMember(ana, project, late, "member");
      });
      expect(read.map(({ user_id }) => user_id)).toEqual([...people, late].map(({ id }) => id));
    });

    test("projects, while others are made and one is deleted", async () => {
      const ana = await makePerson(app, "list-projects");
      const projects: Project[] = [];
      for (let i = 0; i < 5; i++) projects.push(await makeProject(ana, { name: `p${i}` }));
      const read = await readAll<Project>(ana, "/api/projects", 2, async (read) => {
        if (read === 2) ok(await ana.call("DELETE", `/api/projects/${projects[1]?.id}`), 204);
        if (read === 4) projects.push(await makeProject(ana, { name: "late" }));
      });
      expect(read.map(({ id }) => id)).toEqual(projects.map(({ id }) => id));
    });

    test("columns, while some are made, moved and deleted, and all are placed anew", async () => {
      const { ana, project } = await makeTeam(app, "list-columns");
      const at = `/api/projects/${project.id}/columns`;
      for (let i = 0; i < 6; i++) ok(await ana.call("POST", at, { name: `c${i}` }), 201);
      const { columns } = await getSnapshot(ana, project);
      const id = (index: number): string => columns[index]?.id ?? "";
      const read = await readAll<Column>(ana, at, 3, async (read) => {
        if (read === 3) {
          ok(await ana.call("POST", at, { name: "early", before: id(0) }), 201);
          // There is no short position between these two, so every column is placed anew.
          await app.database.sql`update columns set position = ${`${columns[6]?.position}${"0".repeat(40)}V`}
            where id = ${id(7)}`;
          ok(await ana.call("PATCH", `${at}/${id(8)}`, { after: id(6) }), 200);
          ok(await ana.call("PATCH", `${at}/${id(8)}`, { after: id(7) }), 200);
        }
        if (read === 6) ok(await ana.call("DELETE", `${at}/${id(5)}`), 204);
      });
      const positions = (await getSnapshot(ana, project)).columns.map(({ position }) => position);
      expect(Math.max(...positions.map(({ length }) => length))).toBeLessThan(25);
      expect(read.map((column) => column.status)).toEqual(columns.map(({ status }) => status));
      expect((await readAll<Column>(ana, at, 1)).length).toBe(10);
    });

    test("labels, while some are made, renamed and deleted", async () => {
      const { ana, project } = await makeTeam(app, "list-labels");
      const at = `/api/projects/${project.id}/labels`;
      const make = async (name: string): Promise<Label> =>
        ok(await ana.call<Label>("POST", at, { name, color: "#000000" }), 201);
      const labels = new Map<string, Label>();
      for (const name of ["a", "b", "c", "d", "e", "f"]) labels.set(name, await make(name));
      const one = (name: string) => `${at}/${labels.get(name)?.id}`;
      const read = await readAll<Label>(ana, at, 2, async (read) => {
        if (read === 2) {
          ok(await ana.call("DELETE", one("b")), 204);
          await make("aa");
          await make("bb");
        }
        if (read === 4) ok(await ana.call("PATCH", one("a"), { name: "ab" }), 200);
      });
      expect(read.map(({ name }) => name)).toEqual(["a", "b", "bb", "c", "d", "e", "f"]);
    });
  });

  test("a cursor that is another list's, or nobody's, is invalid in every list of a project", async () => {
    const { ana, project } = await makeTeam(app, "list-cursors");
    await makeTask(ana, project);
    await makeTask(ana, project);
    const at = `/api/projects/${project.id}`;
    const { next_cursor } = ok(await ana.call<Page<Task>>("GET", `${at}/tasks?limit=1`), 200);
    for (const list of ["columns", "labels", "members"])
      for (const cursor of [next_cursor, "abc", "W10", Buffer.from('["\\u0000","x"]').toString("base64url")]) {
        const { status, problem } = await ana.call("GET", `${at}/${list}?cursor=${cursor}`);
        expect([list, cursor, status, problem.errors?.[0]?.path]).toEqual([list, cursor, 422, "cursor"]);
      }
    for (const list of ["columns", "labels", "members"])
      expect((await ana.call("GET", `${at}/${list}?status=todo`)).problem.errors?.[0]?.path).toBe("status");
  });
});
