/** The SDK under the names of an older guide: a thin class over createTaskwire. */
import type { Comment } from "../protocol/comments.ts";
import type { Task } from "../protocol/tasks.ts";
import { TaskwireError } from "./errors.ts";
import type { On } from "./listeners.ts";
import type { ProjectStore } from "./stores.ts";
import { createTaskwire, type Taskwire, type TaskwireOptions } from "./taskwire.ts";

/** Connects when it is made. Everything else is on `client`. */
export class TaskManagerWebSocket {
  readonly client: Taskwire;
  readonly on: On;
  readonly #projects = new Map<string, ProjectStore>();

  constructor(options: TaskwireOptions = {}) {
    this.client = createTaskwire(options);
    this.on = this.client.on;
  }

  /** Throws TaskwireError `not_found` for strangers. */
  async joinProject(projectId: string): Promise<ProjectStore> {
    const store = await this.client.joinProject(projectId);
    this.#projects.set(projectId, store);
    return store;
  }

  leaveProject(projectId: string): void {
    this.#projects.get(projectId)?.leave();
    this.#projects.delete(projectId);
  }

  updateTaskStatus(taskId: string, status: string): Promise<Task> {
    return this.client.updateTaskStatus(taskId, status);
  }

  addComment(taskId: string, content: string): Promise<Comment> {
    return this.client.addComment(taskId, content);
  }

  /** Of a task of a joined project. Throws TaskwireError `not_found` for any other. */
  sendTyping(taskId: string, isTyping = true): void {
    const store = [...this.#projects.values()].find(({ tasks }) => tasks.value.has(taskId));
    if (!store) throw new TaskwireError("not_found", "join the task's project before typing");
    store.setTyping(taskId, isTyping);
  }

  disconnect(): void {
    this.client.close();
  }
}
