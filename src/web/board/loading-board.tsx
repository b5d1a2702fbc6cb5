/** A board's outline while its tasks are on the way. */
import { texts } from "../texts/index.ts";
import { Skeleton } from "../ui/skeleton.tsx";

/** Cards in each column: enough to look like a board, and not like this one. */
const columns = [4, 3, 2, 3];

export function LoadingBoard() {
  return (
    <main id="content" tabIndex={-1} class="board" aria-busy="true" aria-label={texts.board.title}>
      <p class="unseen" role="status">
        {texts.common.loading}
      </p>
      {columns.map((cards, index) => (
        <div key={`${index} ${cards}`} class="column loading-column" aria-hidden="true">
          <Skeleton />
          {Array.from({ length: cards }, (_, card) => (
            <Skeleton key={card} shape="card" />
          ))}
        </div>
      ))}
    </main>
  );
}
