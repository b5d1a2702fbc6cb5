/** An input in a row of a list: saved by Enter or by leaving it, taken back by Escape; it follows what others change. */
import { useSignal } from "@preact/signals";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly save: (text: string) => void;
  readonly maxLength?: number;
  /** A whole number between these. */
  readonly number?: { readonly min: number; readonly max: number };
}

export function InlineInput({ label, value, save, maxLength, number }: Props) {
  /** What is being typed; null while nothing is. */
  const draft = useSignal<string | null>(null);
  const finish = (input: HTMLInputElement) => {
    const typed = draft.peek();
    if (typed === null || !input.reportValidity()) return;
    draft.value = null;
    if (typed !== value) save(typed);
  };
  const shared = {
    class: "input inline-input",
    "aria-label": label,
    value: draft.value ?? value,
    onInput: (event: Typed) => {
      draft.value = event.currentTarget.value;
    },
    onBlur: (event: Typed) => finish(event.currentTarget),
    onKeyDown: (event: Typed<KeyboardEvent>) => {
      if (event.key === "Enter") finish(event.currentTarget);
      if (event.key !== "Escape" || draft.peek() === null) return;
      event.preventDefault();
      draft.value = null;
    },
  };
  if (number) return <input {...shared} type="number" min={String(number.min)} max={String(number.max)} />;
  return <input {...shared} type="text" {...(maxLength !== undefined && { maxLength })} />;
}

type Typed<Kind extends Event = Event> = Kind & { readonly currentTarget: HTMLInputElement };
