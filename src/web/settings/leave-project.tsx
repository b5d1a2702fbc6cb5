/** Leaving a project oneself. */
import { useAction } from "../action.ts";
import type { Board } from "../board/context.ts";
import { navigate } from "../route.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";

const words = texts.settings.general;

export function LeaveProject({ board, close }: { readonly board: Board; readonly close: () => void }) {
  const action = useAction();
  const { client, store, me } = board;
  const leave = async () => {
    const left = await action.run(() => client.rest.request("DELETE", `/api/projects/${store.id}/members/${me.id}`));
    if (!left) return;
    close();
    navigate("/");
  };
  const footer = (
    <>
      <Button onClick={close} data-autofocus>
        {texts.common.cancel}
      </Button>
      <Button kind="danger" busy={action.busy} onClick={() => void leave()}>
        {words.leave}
      </Button>
    </>
  );
  return (
    <Dialog
      title={words.leaveTitle(store.project.value.name)}
      size="small"
      close={close}
      closeLabel={texts.common.close}
      footer={footer}
    >
      <p>{words.leaveHint}</p>
      <Problem text={action.problem} />
    </Dialog>
  );
}
