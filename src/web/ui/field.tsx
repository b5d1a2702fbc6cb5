/** Labelled inputs: what is wrong stands beside the input it is about. */
import type { ComponentChildren, HTMLAttributes, Ref, TextareaHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was typed. */
  readonly problem?: string | undefined;
  /** The label is for screen readers; sighted people see it inside the empty field. */
  readonly inside?: boolean;
}

type Plain<Attributes> = Omit<Attributes, "label" | "size" | "ref" | "id" | "role" | "children">;

interface Input extends Plain<HTMLAttributes<HTMLInputElement>> {
  readonly name?: string;
  readonly value?: string | undefined;
  readonly defaultValue?: string | undefined;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly readOnly?: boolean;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly pattern?: string | undefined;
}

interface FieldProps extends Labelled, Input {
  readonly type?: "text" | "email" | "password" | "date" | "color";
  readonly ref?: Ref<HTMLInputElement>;
}

/** One line. Required unless said otherwise. */
export function Field({ label, hint, problem, inside = false, type = "text", ...input }: FieldProps) {
  const id = useId();
  const described = describe(id, hint, problem);
  const shared = { required: true, ...(inside && { placeholder: label }), ...input, ...described, id, class: "input" };
  return (
    <Around id={id} label={label} hint={hint} problem={problem} inside={inside}>
      {type === "text" && <input type="text" {...shared} />}
      {type === "email" && <input type="email" {...shared} />}
      {type === "password" && <input type="password" {...shared} />}
      {type === "date" && <input type="date" {...shared} />}
      {type === "color" && <input type="color" {...shared} />}
    </Around>
  );
}

interface TextAreaProps extends Labelled, Plain<TextareaHTMLAttributes<HTMLTextAreaElement>> {
  readonly ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines; grows with what is written in it. */
export function TextArea({ label, hint, problem, inside = false, ...input }: TextAreaProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} problem={problem} inside={inside}>
      <textarea
        rows={3}
        {...(inside && { placeholder: label })}
        {...input}
        {...describe(id, hint, problem)}
        id={id}
        class="input"
      />
    </Around>
  );
}

interface SelectProps extends Labelled, Plain<HTMLAttributes<HTMLSelectElement>> {
  readonly name?: string;
  readonly value?: string;
  readonly disabled?: boolean;
  readonly required?: boolean;
  readonly options: readonly { readonly value: string; readonly text: string; readonly disabled?: boolean }[];
}

export function SelectField({ label, hint, problem, inside = false, options, ...select }: SelectProps) {
  const id = useId();
  return (
    <Around id={id} label={label} hint={hint} problem={problem} inside={inside}>
      <select {...select} {...describe(id, hint, problem)} id={id} class="input">
        {options.map(({ value, text, disabled }) => (
          <option key={value} value={value} disabled={disabled}>
            {text}
          </option>
        ))}
      </select>
    </Around>
  );
}

interface CheckboxProps extends Plain<HTMLAttributes<HTMLInputElement>> {
  readonly name?: string;
  readonly value?: string;
  readonly checked?: boolean;
  readonly defaultChecked?: boolean;
  readonly disabled?: boolean;
  readonly label: ComponentChildren;
  readonly hint?: string;
  /** Shown as a switch: it acts at once, not when a form is sent. */
  readonly isSwitch?: boolean;
}

export function Checkbox({ label, hint, isSwitch = false, ...input }: CheckboxProps) {
  const id = useId();
  return (
    <div class="checkbox">
      <input
        {...input}
        {...describe(id, hint, undefined)}
        type="checkbox"
        id={id}
        role={isSwitch ? "switch" : undefined}
      />
      <label for={id}>
        {label}
        {hint !== undefined && (
          <small id={`${id}-hint`} class="quiet">
            {hint}
          </small>
        )}
      </label>
    </div>
  );
}

/** What is wrong with a form as a whole. Read out when it appears. */
export function Problem({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

interface AroundProps extends Labelled {
  readonly id: string;
  readonly children: ComponentChildren;
}

function Around({ id, label, hint, problem, inside, children }: AroundProps) {
  return (
    <div class="field">
      <label for={id} class={inside ? "unseen" : undefined}>
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="quiet">
          {hint}
        </small>
      )}
      {problem !== undefined && (
        <small id={`${id}-problem`} class="field-problem" role="alert">
          {problem}
        </small>
      )}
    </div>
  );
}

function describe(id: string, hint: string | undefined, problem: string | undefined) {
  const ids = [hint !== undefined && `${id}-hint`, problem !== undefined && `${id}-problem`].filter(Boolean);
  return {
    ...(ids.length > 0 && { "aria-describedby": ids.join(" ") }),
    ...(problem !== undefined && { "aria-invalid": true as const }),
  };
}
