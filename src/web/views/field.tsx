/** A labelled input. */
import { useId } from "preact/hooks";

interface Props {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly autocomplete?: string;
  readonly hint?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  /** The label is for screen readers; sighted people see it inside the empty field. */
  readonly inside?: boolean;
}

export function Field({ name, label, type = "text", autocomplete, hint, minLength, maxLength, inside = false }: Props) {
  const id = useId();
  const shared = {
    id,
    name,
    required: true,
    ...(autocomplete !== undefined && { autocomplete }),
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(inside && { placeholder: label }),
    ...(hint !== undefined && { "aria-describedby": `${id}-hint` }),
  };
  return (
    <div class="field">
      <label for={id} class={inside ? "unseen" : undefined}>
        {label}
      </label>
      {type === "text" && <input type="text" {...shared} />}
      {type === "email" && <input type="email" {...shared} />}
      {type === "password" && <input type="password" {...shared} />}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
    </div>
  );
}
