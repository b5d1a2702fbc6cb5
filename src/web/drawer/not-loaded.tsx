/** In the place of what is not loaded yet; without a connection it says what it waits for. */
import type { Board } from "../board/context.ts";
import { useLive } from "../live.ts";
import { texts } from "../texts/index.ts";
import { Skeleton } from "../ui/skeleton.tsx";

interface Props {
  readonly board: Board;
  readonly lines: number;
}

export function NotLoaded({ board, lines }: Props) {
  const offline = useLive(board.client.connection.offlineSince) !== null;
  if (offline) return <p class="quiet">{texts.drawer.offline}</p>;
  return (
    <div aria-busy="true">
      <Skeleton lines={lines} />
    </div>
  );
}
