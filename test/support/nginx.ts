/** A real nginx with a site of docs/deploy, as Debian's packages run it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./program.ts";
import { skipped } from "./services.ts";

export interface Nginx {
  stop(): Promise<void>;
}

const connectionsMax = 8_192;
const startDeadlineMs = 10_000;

/** The path of the program; undefined (and said so) where it is not installed. */
export function findNginx(): string | undefined {
  const found = [Bun.which("nginx"), "/usr/sbin/nginx"].find((path) => path !== null && existsSync(path));
  if (!found) skipped("nginx", "apt-get install nginx-light");
  return found ?? undefined;
}

/** Around the site, what Debian's /etc/nginx/nginx.conf has around it; everything nginx writes is in `folder`. */
const main = (folder: string): string => `
  daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr crit;
  events { worker_connections ${connectionsMax}; }
  http {
    access_log off;
    ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
    include ${folder}/site.conf;
  }`;

/** Starts it; resolves when something listens on `port`, which the site names. Throws with what nginx says otherwise. */
export async function startNginx(program: string, site: string, port: number): Promise<Nginx> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "logs"));
  writeFileSync(join(folder, "site.conf"), site);
  writeFileSync(join(folder, "nginx.conf"), main(folder));
  const nginx = Bun.spawn([program, "-p", folder, "-c", join(folder, "nginx.conf")], {
    stderr: "pipe",
    stdout: "ignore",
  });
  const killAtExit = () => nginx.kill("SIGKILL");
  process.on("exit", killAtExit);
  const startedAt = performance.now();
  while (!(await listens(port))) {
    if (nginx.exitCode === null && performance.now() - startedAt < startDeadlineMs) continue;
    nginx.kill("SIGKILL");
    throw new Error(`nginx did not start: ${await new Response(nginx.stderr).text()}`);
  }
  return {
    async stop() {
      nginx.kill("SIGTERM");
      await nginx.exited;
      process.off("exit", killAtExit);
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).then(
    (socket) => {
      socket.terminate();
      return true;
    },
    () => false,
  );

/** docs/deploy/nginx-nodes.conf for nodes on ports of this machine, without TLS on `ports.http`. */
export function nodesSite(
  page: string,
  ports: { readonly http: number; readonly redirect: number },
  nodes: readonly number[],
): string {
  let next = 0;
  return page
    .replace(/10\.0\.0\.1\d:3000/g, () => `127.0.0.1:${nodes[next++ % nodes.length]}`)
    .replace(/^ *ssl_.*\n/gm, "")
    .replace(/(listen +(?:\[::\]:)?)80;/g, `$1${ports.redirect};`)
    .replace(/(listen +(?:\[::\]:)?)443 ssl http2;/g, `$1${ports.http};`);
}
