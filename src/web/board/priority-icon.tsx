/** How much a task matters, as a picture. */
import type { Priority } from "../../protocol/tasks.ts";

const bars: Readonly<Record<Priority, number>> = { none: 0, low: 1, medium: 2, high: 3, urgent: 3 };

/** Three bars, as many filled as it matters; urgent is a sign of its own, so that colour alone says nothing. */
interface Props {
  readonly priority: Priority;
  /** What screen readers say; absent where words stand beside it. */
  readonly label?: string;
}

export function PriorityIcon({ priority, label }: Props) {
  const picture = <Picture priority={priority} />;
  if (label === undefined) return picture;
  return (
    <span class="priority" role="img" aria-label={label} title={label}>
      {picture}
    </span>
  );
}

function Picture({ priority }: { readonly priority: Priority }) {
  return (
    <svg class="priority-icon" viewBox="0 0 16 16" width="16" height="16" data-priority={priority} aria-hidden="true">
      {priority === "urgent" ? (
        <path
          fill="currentColor"
          fill-rule="evenodd"
          d="M3 1h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2Zm4 3v5h2V4H7Zm0 6.5v2h2v-2H7Z"
        />
      ) : (
        [1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 4 - 2}
            y={13 - bar * 3.5}
            width="3"
            height={bar * 3.5}
            rx="1"
            fill="currentColor"
            opacity={bar <= bars[priority] ? 1 : 0.3}
          />
        ))
      )}
    </svg>
  );
}
