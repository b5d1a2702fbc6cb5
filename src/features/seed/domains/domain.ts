/** What a made-up project is about: everything its board is filled with. */

/** Title, one sentence of why (Markdown), and the name of the label it gets. */
export type Idea = readonly [title: string, why: string, label: string];

/** A piece of work that can be done to any of the domain's things: `Test` + `the product filters`. */
export type Chore = readonly [verb: string, why: string, label: string];

export interface Domain {
  /** A project each; further ones are numbered. */
  readonly projects: readonly { readonly name: string; readonly description: string }[];
  /** Name and colour. */
  readonly labels: readonly (readonly [name: string, color: string])[];
  /** Columns between the default ones and the last, which means done. */
  readonly columns: readonly { readonly status: string; readonly name: string }[];
  readonly ideas: readonly Idea[];
  readonly chores: readonly Chore[];
  /** Things, with their article. */
  readonly things: readonly string[];
  readonly subtasks: readonly string[];
  /** Points of descriptions and checklists. */
  readonly points: readonly string[];
  readonly comments: Readonly<Record<Stage, readonly string[]>>;
}

/** Where a task stood when somebody said something about it. */
export type Stage = "planned" | "working" | "reviewed" | "finished";
