/** How much work a task is, in points. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { watch } from "../notices.ts";
import { number } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import type { Opened } from "./context.ts";
import { FieldRow } from "./field-row.tsx";

const words = texts.drawer.fields;
const most = 1_000_000;

export function EstimateField({ board, task }: Opened) {
  const id = useId();
  /** What is typed; null: it follows the task. */
  const typed = useSignal<string | null>(null);
  const shown = typed.value ?? (task.estimate === null ? "" : String(task.estimate));
  const isBad = estimateOf(shown) === undefined;
  const save = () => {
    const value = estimateOf(typed.value ?? shown);
    if (value === undefined) return;
    typed.value = null;
    if (value !== task.estimate) watch(board.client.updateTask(task.id, { estimate: value }));
  };
  if (!board.mayWrite) {
    return (
      <FieldRow name={words.estimate}>
        <span class="task-field-text">{task.estimate === null ? words.none : number(task.estimate)}</span>
      </FieldRow>
    );
  }
  return (
    <FieldRow name={words.estimate}>
      <input
        class="input estimate"
        inputMode="decimal"
        aria-label={words.estimate}
        aria-describedby={`${id}-unit`}
        aria-invalid={isBad || undefined}
        maxLength={12}
        value={shown}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === "Enter") save();
        }}
      />
      <span id={`${id}-unit`} class="quiet">
        {words.estimateHint}
      </span>
      {isBad && (
        <p class="field-problem" role="alert">
          {words.badEstimate}
        </p>
      )}
    </FieldRow>
  );
}

/** Null for nothing, undefined for what is no estimate. A decimal comma is one, too. */
function estimateOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const value = Number(text.trim().replace(",", "."));
  return Number.isFinite(value) && value >= 0 && value <= most ? value : undefined;
}
