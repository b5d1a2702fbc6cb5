/** What the image and the compose file promise, as far as it can be read and tried without a container engine. */
import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { variableNames } from "../../src/core/variables.ts";
import { readDockerfile, valuesOf } from "../support/dockerfile.ts";
import { temporaryFolder } from "../support/program.ts";
import { pathOf } from "../support/repository.ts";

const read = (file: string): string => readFileSync(pathOf(file), "utf8");
const manifest = z.object({ version: z.string(), packageManager: z.string() }).parse(JSON.parse(read("package.json")));

describe("the image", () => {
  const stages = readDockerfile(read("Dockerfile"));
  const [build, files, last] = stages;
  if (stages.length !== 3 || !build || !files || !last) throw new Error("the Dockerfile has three stages");
  /** `COPY a b c` from the repository: the sources. */
  const copied = valuesOf(build, "COPY").flatMap((value) => value.split(/\s+/).slice(0, -1));

  test("is built with the Bun and carries the version of package.json", () => {
    expect(build.from).toBe(`oven/bun:${manifest.packageManager.replace("bun@", "")}-slim`);
    expect(valuesOf(last, "LABEL").join()).toContain(`org.opencontainers.image.version="${manifest.version}"`);
    expect(stages.map(({ from }) => from).filter((from) => from !== "scratch" && !/:[\w.-]*\d/.test(from))).toEqual([]);
  });

  test("holds nothing but the files made for it: no shell, no tools, no packages", () => {
    expect(last.from).toBe("scratch");
    expect(valuesOf(last, "COPY")).toEqual(["--from=files /files /"]);
    expect(valuesOf(last, "ADD").concat(valuesOf(last, "RUN"))).toEqual([]);
    expect(valuesOf(files, "COPY")).toEqual(["--from=build /src/dist/taskwire /files/usr/local/bin/taskwire"]);
    expect(valuesOf(files, "RUN").join()).not.toMatch(/apt|apk|curl|wget|npm/);
  });

  test("runs as nobody special, listens everywhere, keeps its data in a volume, and is asked for its health", () => {
    const [user = ""] = valuesOf(last, "USER");
    expect(user).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    expect(valuesOf(files, "RUN").join()).toContain(`chown ${user} /files/data`);
    expect(valuesOf(last, "ENV").join(" ").split(" ").sort()).toEqual(
      ["DATA_DIR=/data", "HOST=0.0.0.0", "MODE=production", "PORT=3000"].sort(),
    );
    expect(valuesOf(last, "VOLUME")).toEqual(["/data"]);
    expect(valuesOf(last, "EXPOSE")).toEqual(["3000"]);
    expect(valuesOf(last, "STOPSIGNAL")).toEqual(["SIGTERM"]);
    expect(valuesOf(last, "ENTRYPOINT")).toEqual(['["/usr/local/bin/taskwire"]']);
    expect(valuesOf(last, "CMD")).toEqual(['["serve"]']);
    expect(valuesOf(last, "HEALTHCHECK").join()).toEndWith('CMD ["/usr/local/bin/taskwire", "health"]');
  });

  test("installs with the patches, and the build's context holds all that is copied and nothing else", () => {
    const order = build.instructions.map(({ name, value }) => `${name} ${value}`);
    const install = order.findIndex((line) => line.startsWith("RUN bun install --frozen-lockfile"));
    const patches = order.findIndex((line) => line.startsWith("COPY .ci/patches"));
    expect([patches, install].toSorted((a, b) => a - b)).toEqual([patches, install]);
    expect(patches).toBeGreaterThan(0);
    expect(copied.filter((path) => !existsSync(pathOf(path)))).toEqual([]);
    const ignore = read(".dockerignore")
      .split("\n")
      .filter((line) => /^[^#]/.test(line));
    expect(ignore[0]).toBe("*");
    expect(ignore.slice(1).sort()).toEqual(copied.map((path) => `!${path}`).sort());
  });

  test("is made of files that suffice to bundle the executable", async () => {
    const folder = temporaryFolder();
    for (const path of copied) cpSync(pathOf(path), join(folder, path), { recursive: true });
    symlinkSync(pathOf("node_modules"), join(folder, "node_modules"));
    const entries = ["src/main.ts", "src/db/worker.ts"];
    const bundle = [
      "build",
      "--target=bun",
      "--root=.",
      "--external=@opentelemetry/api",
      "--external=file-type",
      "--outdir=out",
      ...entries,
    ];
    const program = Bun.spawn([process.execPath, ...bundle], { cwd: folder, stdout: "pipe", stderr: "pipe" });
    const said = await new Response(program.stderr).text();
    expect([await program.exited, said]).toEqual([0, ""]);
    expect(readdirSync(join(folder, "out"), { recursive: true })).toContain("src/main.js");
  }, 120_000);
});

const Service = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string(), required: z.boolean().optional() })).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
});
const Compose = z.object({ services: z.record(z.string(), Service), volumes: z.record(z.string(), z.null()) });

describe("compose.yaml", () => {
  const { services, volumes } = Compose.parse(Bun.YAML.parse(read("compose.yaml")));
  const { app, postgres, redis } = services;
  if (!app || !postgres || !redis) throw new Error("compose.yaml has an app, a postgres and a redis");

  test("starts the server behind a healthy database, and Redis only where it is asked for", () => {
    expect(app.depends_on).toEqual({
      postgres: { condition: "service_healthy" },
      redis: { condition: "service_healthy", required: false },
    });
    expect(postgres.healthcheck?.test).toContain("pg_isready");
    expect(redis.healthcheck?.test).toContain("ping");
    expect(redis.profiles).toEqual(["redis"]);
    expect(app.environment.REDIS_URL).toMatch(/^\$\{REDIS_URL:-\}$/);
  });

  test("names exact versions, of the server the one of package.json", () => {
    expect(app.image).toBe(`taskwire:${manifest.version}`);
    expect(Number(/^postgres:(\d+)/.exec(postgres.image)?.[1])).toBeGreaterThanOrEqual(15);
    expect(redis.image).toMatch(/^redis:\d+/);
  });

  test("takes its secrets from .env and does not start without them", () => {
    const secret = /^\$\{([A-Z_]+):\?[^}]+\}$/;
    expect(app.environment.AUTH_SECRET).toMatch(secret);
    expect(postgres.environment.POSTGRES_PASSWORD).toMatch(secret);
    expect(app.environment.DATABASE_URL).toContain(`:${postgres.environment.POSTGRES_PASSWORD}@postgres:5432/`);
    expect(read("compose.yaml")).not.toMatch(/(PASSWORD|SECRET|TOKEN)\w*:-[^}]/);
  });

  test("sets variables that the server knows, keeps data in named volumes, and opens one port, on this machine", () => {
    const known: readonly string[] = variableNames;
    expect(Object.keys(app.environment).filter((name) => !known.includes(name))).toEqual([]);
    const mounted = [app, postgres].flatMap((service) => service.volumes.map((volume) => volume.split(":")[0] ?? ""));
    expect(mounted.sort()).toEqual(Object.keys(volumes).sort());
    expect(app.volumes).toEqual(["data:/data"]);
    expect(app.ports.join()).toMatch(/^\$\{BIND:-127\.0\.0\.1\}:[^,]*:3000$/);
    expect(postgres.ports.concat(redis.ports)).toEqual([]);
  });
});
