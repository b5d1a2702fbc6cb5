/** Questions about a column: how much may be in it, and where its tasks go when it is deleted. */
import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import type { Column } from "../../protocol/projects.ts";
import { useAction } from "../action.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Problem, SelectField } from "../ui/field.tsx";
import { deleteColumn } from "./column-actions.ts";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly board: Board;
  readonly column: Column;
  readonly close: () => void;
}

const words = texts.board;

export function LimitDialog({ board, column, close }: Props) {
  const form = useId();
  const input = useRef<HTMLInputElement>(null);
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const written = input.current?.value.trim() ?? "";
    const wip_limit = written === "" ? null : Number(written);
    if (wip_limit !== column.wip_limit) watch(board.client.updateColumn(board.store.id, column.id, { wip_limit }));
    close();
  };
  const footer = (
    <>
      <Button onClick={close}>{texts.common.cancel}</Button>
      <Button kind="primary" type="submit" form={form}>
        {texts.common.save}
      </Button>
    </>
  );
  return (
    <Dialog
      title={words.limitOf(column.name)}
      close={close}
      closeLabel={texts.common.close}
      size="small"
      footer={footer}
    >
      <form id={form} class="stack" onSubmit={save}>
        <Field
          ref={input}
          label={words.limit}
          hint={words.limitHint}
          inputMode="numeric"
          pattern="[1-9][0-9]{0,3}|10000"
          title={words.limitHint}
          required={false}
          defaultValue={column.wip_limit === null ? "" : String(column.wip_limit)}
        />
      </form>
    </Dialog>
  );
}

export function DeleteColumn({ board, model, column, close }: Props & { readonly model: BoardModel }) {
  const form = useId();
  const others = model.columns.value.filter(({ id }) => id !== column.id);
  const target = useSignal(others[0]?.status ?? "");
  const count = model.lists.value.totals.get(column.status) ?? 0;
  const { busy, problem, run } = useAction();
  const remove = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await run(() => deleteColumn(board, column, target.value))) close();
  };
  const footer = (
    <>
      <Button onClick={close}>{texts.common.cancel}</Button>
      <Button kind="danger" type="submit" form={form} busy={busy}>
        {words.deleteColumn}
      </Button>
    </>
  );
  return (
    <Dialog
      title={words.deleteColumnOf(column.name)}
      close={close}
      closeLabel={texts.common.close}
      size="small"
      footer={footer}
    >
      <form id={form} class="stack" onSubmit={(event) => void remove(event)}>
        <SelectField
          label={words.tasksGoTo(count)}
          hint={words.tasksGoToHint}
          value={target.value}
          options={others.map(({ status, name }) => ({ value: status, text: name }))}
          onChange={(event) => {
            target.value = event.currentTarget.value;
          }}
        />
        <Problem text={problem} />
      </form>
    </Dialog>
  );
}
