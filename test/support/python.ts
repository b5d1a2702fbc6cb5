/** The Python of the system with the packages that clients of Socket.IO use, as Debian has them. */
import { skipped } from "./services.ts";

const modules = ["aiohttp", "jwt", "requests", "socketio", "websocket"];
const packages = "python3-socketio python3-requests python3-websocket python3-aiohttp python3-jwt";

/** The interpreter that has them all; undefined (and said so) where there is none. */
export function findPython(): string | undefined {
  const found = ["/usr/bin/python3", Bun.which("python3")].find(
    (path) => path && Bun.which(path) && Bun.spawnSync([path, "-c", `import ${modules}`]).exitCode === 0,
  );
  if (!found) skipped("python3-socketio", `apt-get install ${packages}`);
  return found ?? undefined;
}
