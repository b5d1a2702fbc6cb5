/** Asks before something that cannot be taken back. What can is done at once, with a notice that undoes it. */
import { signal } from "@preact/signals";
import { texts } from "./texts/index.ts";
import { ConfirmDialog } from "./ui/dialog.tsx";

interface Question {
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** The verb: `Delete`. */
  readonly confirmText: string;
  readonly danger?: boolean;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

const asked = signal<Asked | null>(null);

/** Resolves with what the person chose; Escape is no. A question that is open already is answered no. */
export function confirmWith(question: Question): Promise<boolean> {
  asked.peek()?.answer(false);
  return new Promise((resolve) => {
    const answer = (yes: boolean) => {
      asked.value = null;
      resolve(yes);
    };
    asked.value = { ...question, answer };
  });
}

/** Stands once in the page. */
export function Confirmation() {
  const { value } = asked;
  if (!value) return null;
  const { answer, ...question } = value;
  return (
    <ConfirmDialog
      {...question}
      cancelText={texts.common.cancel}
      confirm={() => answer(true)}
      cancel={() => answer(false)}
    />
  );
}
