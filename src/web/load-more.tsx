/** A list that is read page by page. */
import { useSignal } from "@preact/signals";
import type { PagedList } from "../client/index.ts";
import { useLive } from "./live.ts";
import { notify, reasonOf } from "./notices.ts";
import { Button } from "./ui/button.tsx";

interface LoadMoreProps {
  readonly list: Pick<PagedList<unknown>, "hasMore" | "loadMore">;
  readonly text: string;
}

/** A button for the next page, while there is one. */
export function LoadMore({ list, text }: LoadMoreProps) {
  const hasMore = useLive(list.hasMore);
  const busy = useSignal(false);
  if (!hasMore) return null;
  const load = async () => {
    busy.value = true;
    try {
      await list.loadMore();
    } catch (error) {
      notify({ text: reasonOf(error), tone: "problem" });
    }
    busy.value = false;
  };
  return (
    <Button kind="ghost" size="small" busy={busy.value} onClick={() => void load()}>
      {text}
    </Button>
  );
}
