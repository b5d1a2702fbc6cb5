/** A field of a task: its name, and what stands beside it. */
import type { ComponentChildren } from "preact";

export function FieldRow({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <fieldset class="task-field">
      <legend>{name}</legend>
      <div class="task-field-value">{children}</div>
    </fieldset>
  );
}
