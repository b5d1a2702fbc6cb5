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
  /** Settles when the project's event of this number was heard. */
  reached(seq: number): Promise<void>;
}

/** Removes and adds again; the node of the remover changes each time. */
export async function removeEverywhere(cluster: Cluster, removals: number): Promise<Removals> {
  const found: Removals = { acked: 0, removals, heard_before: 0, heard_after: 0, left_max_ms: 0 };
  const owner = { token: await cluster.token("the remover"), url: cluster.url };
  const token = await cluster.token("the removed");
  const { id } = await api<{ id: string }>({ url: cluster.url, token }, "GET", "/api/me");
  const project = await api<{ id: string }>(owner, "POST", "/api/projects", { name: "Now and then" });
  const path = `/api/projects/${project.id}`;
  const project_id = project.id;
  const openAll = (whose: string) =>
    Promise.all(cluster.nodes.map(({ server }) => openWindow(server.url, whose, `project:${project_id}`)));
  const windows = await openAll(token);
  const stays = await openAll(owner.token);
  for (const { client } of stays) await client.request("join_project", { project_id });
  /** At one of the nodes; answers the number of its event. */
  const write = async (at: number): Promise<number> => {
    const request = { project_id, title: `Task ${++found.acked}` };
    const answer = await stays[at]?.client.request("task_create", request);
    return answer?.seq ?? 0;
  };
  for (let removal = 0; removal < removals; removal++) {
    const at = removal % cluster.nodes.length;
    const { url } = cluster.nodes[at]?.server ?? cluster;
    await api({ ...owner, url }, "POST", `${path}/members`, { user_id: id, role: "member" });
    for (const { client } of windows) await client.request("join_project", { project_id });
    for (const window of windows) window.heard = 0;
    const told = Promise.all(windows.map((window) => window.told()));
    await write(at);
    await told;
    found.heard_before += windows.reduce((sum, { heard }) => sum + heard, 0);
    const left = Promise.all(windows.map((window) => window.left()));
    const { status } = await callApi({ ...owner, url }, "DELETE", `${path}/members/${id}`);
    if (status !== 204) throw new Error(`the removal was answered with ${status}`);
    const answeredAt = performance.now();
    await left;
    found.left_max_ms = Math.max(found.left_max_ms, Math.round(performance.now() - answeredAt));
    for (const window of windows) window.heard = 0;
    const last = await write(at);
    // Each node has told of that write who stays: what it would say of it to others stands in front of a ping's answer.
    await Promise.all(stays.map((window) => window.reached(last)));
    await Promise.all(windows.map(({ client }) => client.request("ping", {})));
    found.heard_after += windows.reduce((sum, { heard }) => sum + heard, 0);
  }
  for (const { client } of [...windows, ...stays]) client.close();
  return found;
}

async function openWindow(url: string, token: string, room: string): Promise<Window> {
  let left = Promise.withResolvers<void>();
  let told = Promise.withResolvers<void>();
  let head = 0;
  let waiting: { readonly seq: number; readonly resolve: () => void } | undefined;
  const client = await openClient({
    url,
    token,
    onEvent(frame) {
      if (frame.event === "project_left") left.resolve();
      if (frame.room !== room || frame.seq === undefined) return;
      window.heard++;
      told.resolve();
      head = frame.seq;
      if (waiting && head >= waiting.seq) waiting.resolve();
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
    reached: (seq) =>
      new Promise((resolve) => {
        if (head >= seq) resolve();
        else waiting = { seq, resolve };
      }),
  };
  return window;
}
