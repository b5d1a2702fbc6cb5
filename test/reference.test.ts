/** The descriptions against the tables they are made of. */
import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { z } from "zod";
import { describeSocket } from "../src/http/asyncapi.ts";
import { brokenPromises } from "../src/http/field-formats.ts";
import { describeEndpoints, openApi } from "../src/http/openapi.ts";
import { chapters } from "../src/http/reference-chapters.ts";
import { events } from "../src/protocol/catalogue.ts";
import type { Endpoint } from "../src/protocol/endpoint.ts";
import { endpoints } from "../src/protocol/endpoints.ts";
import { clientFrames } from "../src/protocol/frames.ts";
import { namedSchemas } from "../src/protocol/schemas.ts";

const folder = new URL("../src/protocol/", import.meta.url);
const all = Object.entries<Endpoint>(endpoints);
const tables = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map(async (file): Promise<[string, Record<string, unknown>]> => [file, await import(new URL(file, folder).href)]),
);
const exported = tables.flatMap(([file, table]) =>
  Object.entries(table).map(([name, value]) => ({ file, name, value })),
);

/** What an example says is what the schema reads, and nothing it would drop or refuse. */
function requireExample(schema: z.ZodType, example: unknown): void {
  const read = schema.safeParse(example);
  if (!read.success) throw new Error(`${JSON.stringify(example)} is no example: ${read.error.message}`);
  expect(brokenPromises(example)).toEqual([]);
}

describe("the reference", () => {
  test("holds the endpoints of every file of the protocol, none of them lost to another of its name", () => {
    const groups = exported.filter(({ file, name }) => name.endsWith("Endpoints") && file !== "endpoints.ts");
    const single = groups.flatMap(({ value }) =>
      Object.values(z.record(z.string(), z.looseObject({ path: z.string() })).parse(value)),
    );
    expect(all.length).toBe(single.length);
    expect(new Set(all.map(([, { method, path }]) => `${method} ${path}`)).size).toBe(all.length);
  });

  test("names every schema that a file of the protocol exports", () => {
    const missing = exported.filter(({ name, value }) => value instanceof z.ZodType && !namedSchemas.has(name));
    expect(missing.map(({ file, name }) => `${file} ${name}`)).toEqual([]);
  });

  test("has a chapter for every tag", () => {
    expect(all.filter(([, { tag }]) => !chapters[tag])).toEqual([]);
  });

  const http = describeEndpoints(endpoints);
  for (const [name, { body, answer, media }] of all) {
    test(`${name} is shown with examples that its schemas take`, () => {
      if (body) requireExample(body, http.examples.fitting(body));
      if (answer && !media) requireExample(answer, http.examples.fitting(answer));
    });
  }

  const socket = describeSocket(events);
  for (const [name, { data }] of Object.entries(events))
    test(`the event ${name} is shown with an example that its schema takes`, () =>
      requireExample(data, socket.examples.fitting(data)));
  for (const [name, { data, answer }] of Object.entries(clientFrames)) {
    test(`the frame ${name} is shown with examples that its schemas take`, () => {
      requireExample(data, socket.examples.fitting(data));
      requireExample(answer, socket.examples.fitting(answer));
    });
  }

  test("[H2] a route's parameters, body, answers and refusals are in OpenAPI", () => {
    const { paths } = openApi({ updateTask: endpoints.updateTask, listTasks: endpoints.listTasks }, "1.2.3");
    expect(paths).toMatchObject({
      "/api/tasks/{id}": {
        patch: {
          operationId: "updateTask",
          parameters: [
            { name: "id", in: "path", required: true },
            { name: "Idempotency-Key", in: "header" },
            { name: "If-Match", in: "header" },
          ],
          requestBody: {
            required: true,
            content: { "application/json": { schema: { $ref: "#/components/schemas/UpdateTask" } } },
          },
          security: [{ session: [] }, { token: [] }, { key: ["write"] }],
          responses: {
            200: {
              headers: { ETag: {} },
              content: { "application/json": { schema: { $ref: "#/components/schemas/Task" } } },
            },
            409: { $ref: "#/components/responses/conflict" },
            422: { $ref: "#/components/responses/invalid-idempotency_mismatch" },
          },
        },
      },
    });
    expect(JSON.stringify(paths)).toContain(
      '{"name":"limit","in":"query","required":false,"schema":{"type":"integer","minimum":1,"maximum":200,"default":50}}',
    );
  });
});
