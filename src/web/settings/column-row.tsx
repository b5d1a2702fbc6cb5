/** One column among the settings. */
import { useSignal } from "@preact/signals";
import type { Column } from "../../protocol/projects.ts";
import type { Board } from "../board/context.ts";
import type { Reorder } from "../reorder.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { Checkbox } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { changeColumn } from "./column-writes.ts";
import { DeleteColumn } from "./delete-column.tsx";
import { InlineInput } from "./inline-input.tsx";

const words = texts.settings.columns;

/** As the server has them (protocol/columns.ts). */
const limits = { min: 1, max: 10_000 };

interface Props {
  readonly board: Board;
  readonly column: Column;
  /** All of them. */
  readonly columns: readonly Column[];
  /** Tasks in it. */
  readonly count: number;
  /** It is in the hand. */
  readonly held: boolean;
  readonly handle: ReturnType<Reorder["handle"]>;
}

export function ColumnRow(props: Props) {
  return props.board.mayManage ? <EditableRow {...props} /> : <PlainRow {...props} />;
}

function PlainRow({ column, count }: Props) {
  return (
    <li class="row-item">
      <strong class="row-words">{column.name}</strong>
      {column.wip_limit !== null && (
        <Badge>
          {words.limit}: {column.wip_limit}
        </Badge>
      )}
      {column.done && (
        <Badge tone="good" icon="check">
          {words.done}
        </Badge>
      )}
      <span class="quiet row-count">{words.count(count)}</span>
    </li>
  );
}

function EditableRow({ board, column, columns, count, held, handle }: Props) {
  const asked = useSignal(false);
  const { name, wip_limit, done } = column;
  const rename = (text: string) => {
    if (text.trim() !== "") changeColumn(board, column, { name: text.trim() });
  };
  const limit = (text: string) => {
    const wanted = text.trim() === "" ? null : Number(text);
    if (wanted === null || Number.isInteger(wanted)) changeColumn(board, column, { wip_limit: wanted });
  };
  return (
    <li class="row-item column-item" data-held={held || undefined}>
      <button type="button" class="grip" aria-label={words.move(name)} title={words.moveHint} {...handle}>
        <Icon name="grip" />
      </button>
      <InlineInput label={words.nameOf(name)} value={name} maxLength={100} save={rename} />
      <span class="limit">
        <span class="quiet" aria-hidden="true">
          {words.limit}
        </span>
        <InlineInput
          label={words.limitOf(name)}
          value={wip_limit === null ? "" : String(wip_limit)}
          number={limits}
          save={limit}
        />
      </span>
      <Checkbox
        label={
          <>
            <span aria-hidden="true">{words.done}</span>
            <span class="unseen">{words.doneOf(name)}</span>
          </>
        }
        checked={done}
        onChange={(event) => changeColumn(board, column, { done: event.currentTarget.checked })}
      />
      <span class="quiet row-count">{words.count(count)}</span>
      <IconButton
        icon="trash"
        label={words.delete(name)}
        disabled={columns.length === 1}
        title={columns.length === 1 ? words.last : words.delete(name)}
        onClick={() => {
          asked.value = true;
        }}
      />
      {asked.value && (
        <DeleteColumn
          board={board}
          column={column}
          columns={columns}
          count={count}
          close={() => {
            asked.value = false;
          }}
        />
      )}
    </li>
  );
}
