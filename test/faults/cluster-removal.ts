/** A member is removed at one node while windows of theirs are open at the others. */
import type { Cluster } from "../support/cluster.ts";
import { api, type Client, callApi, openClient } from "../support/contract-client.ts";

export interface Removals {
  /** Writes of the one who stays. */
  acked: number;
  removals: number;
  /** Events of the project that came while it was theirs, and once `project_left` had been heard. */
  heard_before: number;
  heard_after: number;
  /** From the answer to the removal until the last window heard of it. */
  left_max_ms: number;
}

interface Window {
  readonly client: Client;
  heard: number;
  /** Settles at the next `project_left`. */
  left(): Promise<void>;
  /** Settles at the next durable event of the project. */
  told(): Promise<void>;
}

/** Removes and adds again; the node of the remover changes each time. */
export async function removeEverywhere(cluster: Cluster, removals: number): Promise<Removals> {
  const found: Removals = { acked: 0, removals, heard_before: 0, heard_after: 0, left_max_ms: 0 };
  const owner = { token: await cluster.token("the remover"), url: cluster.url };
  const token = await cluster.token("the removed");
  const { id } = await api<{ id: string }>({ url: cluster.url, token }, "GET", "/api/me");
  const project = await api<{ id: string }>(owner, "POST", "/api/projects", { name: "Now and then" });
  const path = `/api/projects/${project.id}`;
  const windows = await Promise.all(
    cluster.nodes.map(({ server }) => openWindow(server.url, token, `project:${project.id}`)),
  );
  const write = async (url: string): Promise<void> => {
    await api({ ...owner, url }, "POST", `${path}/tasks`, { title: `Task ${++found.acked}` });
  };
  for (let removal = 0; removal < removals; removal++) {
    const { url } = cluster.nodes[removal % cluster.nodes.length]?.server ?? cluster;
    await api({ ...owner, url }, "POST", `${path}/members`, { user_id: id, role: "member" });
    for (const { client } of windows) await client.request("join_project", { project_id: project.id });
    for (const window of windows) window.heard = 0;
    const told = Promise.all(windows.map((window) => window.told()));
    await write(url);
    await told;
    found.heard_before += windows.reduce((sum, { heard }) => sum + heard, 0);
    const left = Promise.all(windows.map((window) => window.left()));
    const { status } = await callApi({ ...owner, url }, "DELETE", `${path}/members/${id}`);
    if (status !== 204) throw new Error(`the removal was answered with ${status}`);
    const answeredAt = performance.now();
    await left;
    found.left_max_ms = Math.max(found.left_max_ms, Math.round(performance.now() - answeredAt));
    for (const window of windows) window.heard = 0;
    await write(url);
    // Whatever a node would say of that write stands in front of the answer to a ping behind it.
    await Promise.all(windows.map(({ client }) => client.request("ping", {})));
    found.heard_after += windows.reduce((sum, { heard }) => sum + heard, 0);
  }
  for (const { client } of windows) client.close();
  return found;
}

async function openWindow(url: string, token: string, room: string): Promise<Window> {
  let left = Promise.withResolvers<void>();
  let told = Promise.withResolvers<void>();
  const client = await openClient({
    url,
    token,
    onEvent(frame) {
      if (frame.event === "project_left") left.resolve();
      if (frame.room !== room || frame.seq === undefined) return;
      window.heard++;
      told.resolve();
    },
  });
  const window: Window = {
    client,
    heard: 0,
    left() {
      left = Promise.withResolvers();
      return left.promise;
    },
    told() {
      told = Promise.withResolvers();
      return told.promise;
    },
  };
  return window;
}
