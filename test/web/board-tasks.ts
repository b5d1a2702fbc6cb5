/** Tasks and columns for tests of what the board computes. */
import type { Column } from "../../src/protocol/projects.ts";
import type { Task } from "../../src/protocol/tasks.ts";
import { makeTask } from "../client/tasks.ts";

/** Its id is its title, and its position unless that is given. */
export const aTask = (id: string, changes: Partial<Task> = {}): Task =>
  makeTask({ id, title: id, key: `WEB-${id}`, position: id, ...changes });

export const aColumn = (status: string): Column => ({
  id: status,
  status,
  name: status,
  position: status,
  wip_limit: null,
  done: false,
});
