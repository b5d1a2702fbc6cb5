/** Deleting a column: where do its tasks go? */
import { useSignal } from "@preact/signals";
import type { Column } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import { deleteColumn } from "../board/column-actions.ts";
import type { Board } from "../board/context.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Problem, SelectField } from "../ui/field.tsx";

const words = texts.settings.columns;

interface Props {
  readonly board: Board;
  readonly column: Column;
  readonly columns: readonly Column[];
  /** Tasks in it on the board; archived ones go along. */
  readonly count: number;
  readonly close: () => void;
}

export function DeleteColumn({ board, column, columns, count, close }: Props) {
  const action = useAction();
  const others = columns.filter(({ id }) => id !== column.id);
  const target = useSignal(nextTo(columns, column));
  const remove = async () => {
    if (await action.run(() => deleteColumn(board, column, target.value))) close();
  };
  const footer = (
    <>
      <Button onClick={close} data-autofocus>
        {texts.common.cancel}
      </Button>
      <Button kind="danger" busy={action.busy} onClick={() => void remove()}>
        {texts.settings.delete}
      </Button>
    </>
  );
  return (
    <Dialog
      title={words.deleteTitle(column.name)}
      size="small"
      close={close}
      closeLabel={texts.common.close}
      footer={footer}
    >
      {count === 0 ? (
        <p>{words.deleteEmpty}</p>
      ) : (
        <SelectField
          label={words.deleteHint(count)}
          value={target.value}
          options={others.map(({ status, name }) => ({ value: status, text: name }))}
          onChange={(event) => {
            target.value = event.currentTarget.value;
          }}
        />
      )}
      <Problem text={action.problem} />
    </Dialog>
  );
}

/** The status of the column on its left, else on its right. */
function nextTo(columns: readonly Column[], { id }: Column): string {
  const at = columns.findIndex((column) => column.id === id);
  return (columns[at - 1] ?? columns[at + 1])?.status ?? "";
}
