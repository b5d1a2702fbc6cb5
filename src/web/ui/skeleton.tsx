/** What stands in for what is being loaded. */

interface Props {
  /** How many lines; the last one is shorter. */
  readonly lines?: number;
  readonly shape?: "text" | "card" | "disc";
}

/** Grey shapes: no words, hidden from screen readers. Whoever shows them says `aria-busy` on the region. */
export function Skeleton({ lines = 1, shape = "text" }: Props) {
  return (
    <span class="skeleton" data-shape={shape} aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </span>
  );
}

/** Turns while something is under way; under reduced motion it fades instead. */
export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}
