/** Name, count and limit of a column, and what can be done with it. */
import { useComputed, useSignal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Column } from "../../protocol/projects.ts";
import { watch } from "../notices.ts";
import { number } from "../texts/format.ts";
import { texts } from "../texts/index.ts";
import { IconButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Menu, type MenuGroup } from "../ui/menu.tsx";
import { DeleteColumn, LimitDialog } from "./column-dialogs.tsx";
import { moveColumn } from "./column-moves.ts";
import type { Board } from "./context.ts";
import type { BoardModel } from "./model.ts";

interface Props {
  readonly board: Board;
  readonly model: BoardModel;
  readonly column: Column;
  /** Tasks in it, hidden ones too. */
  readonly total: number;
}

const words = texts.board;

export function ColumnHead({ board, model, column, total }: Props) {
  const renaming = useSignal(false);
  const head = useRef<HTMLElement>(null);
  const wasRenaming = useRef(false);
  useLayoutEffect(() => {
    // What had the focus went with the field.
    const isLost = wasRenaming.current && document.activeElement === document.body;
    if (isLost) head.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
    wasRenaming.current = renaming.value;
  }, [renaming.value]);
  return (
    <header ref={head} class="column-head">
      {board.mayManage && <Grip board={board} model={model} column={column} />}
      {renaming.value ? (
        <Rename board={board} column={column} close={() => (renaming.value = false)} />
      ) : (
        <h2 class="column-name" onDblClick={() => (renaming.value = board.mayManage)}>
          {column.done && <Icon name="check" size={12} />}
          {column.name}
        </h2>
      )}
      <Count model={model} column={column} total={total} />
      <span class="spring" />
      {board.mayManage && (
        <ColumnMenu board={board} model={model} column={column} rename={() => (renaming.value = true)} />
      )}
    </header>
  );
}

/** `12`, `3 of 12` under a filter; `4 / 3` with a limit, which counts hidden tasks too and is warned of when passed. */
function Count({ model, column, total }: Omit<Props, "board">) {
  const { wip_limit } = column;
  const shown = useComputed(() => model.lists.value.shown.get(column.status)?.length ?? 0).value;
  const isOver = wip_limit !== null && total > wip_limit;
  const counted = shown === total || wip_limit !== null ? number(total) : words.shownOf(shown, total);
  const label = wip_limit === null ? words.count(total) : words.limited(total, wip_limit);
  return (
    <span class="column-count" data-over={isOver || undefined} title={isOver ? words.overLimit(wip_limit) : label}>
      {isOver && <Icon name="warning" size={12} />}
      <span aria-hidden="true">
        {counted}
        {wip_limit !== null && ` / ${number(wip_limit)}`}
      </span>
      <span class="unseen">{isOver ? `${label}. ${words.overLimit(wip_limit)}` : label}</span>
    </span>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** The head's handle: the whole head is dragged, and here arrow keys move the column. */
function Grip({ board, model, column }: Omit<Props, "total">) {
  const press = (event: TargetedKeyboardEvent<HTMLButtonElement>) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const { currentTarget } = event;
    const from = model.columns.peek().findIndex(({ id }) => id === column.id);
    moveColumn(board, model, from, from + step);
    // What is moved in the document loses the focus.
    requestAnimationFrame(() => currentTarget.focus());
  };
  return (
    <button
      type="button"
      class="column-grip"
      data-grip
      aria-label={words.moveColumn(column.name)}
      title={words.moveColumnHint}
      onKeyDown={press}
    >
      <Icon name="grip" size={12} />
    </button>
  );
}

interface RenameProps {
  readonly board: Board;
  readonly column: Column;
  readonly close: () => void;
}

function Rename({ board, column, close }: RenameProps) {
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => input.current?.select(), []);
  const end = (save: boolean) => {
    if (ended.current) return;
    ended.current = true;
    const name = input.current?.value.trim() ?? "";
    if (save && name !== "" && name !== column.name) {
      watch(board.client.updateColumn(board.store.id, column.id, { name }));
    }
    close();
  };
  const press = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    end(event.key === "Enter");
  };
  return (
    <input
      ref={input}
      class="input column-rename"
      aria-label={words.columnName}
      maxLength={100}
      defaultValue={column.name}
      onKeyDown={press}
      onBlur={() => end(true)}
    />
  );
}

interface ColumnMenuProps extends Omit<Props, "total"> {
  readonly rename: () => void;
}

function ColumnMenu({ board, model, column, rename }: ColumnMenuProps) {
  const dialog = useSignal<"limit" | "delete" | null>(null);
  const close = () => (dialog.value = null);
  const label = words.columnMenu(column.name);
  const groups = (): MenuGroup[] => {
    const columns = model.columns.value;
    const index = columns.findIndex(({ id }) => id === column.id);
    const move = (to: number) => () => moveColumn(board, model, index, to);
    return [
      {
        items: [
          { text: words.rename, icon: "edit", run: rename },
          { text: words.setLimit, icon: "flag", run: () => (dialog.value = "limit") },
        ],
      },
      {
        items: [
          { text: words.moveLeft, icon: "arrow_left", disabled: index === 0, run: move(index - 1) },
          {
            text: words.moveRight,
            icon: "arrow_right",
            disabled: index === columns.length - 1,
            run: move(index + 1),
          },
        ],
      },
      {
        items: [
          {
            text: texts.common.delete,
            icon: "trash",
            danger: true,
            disabled: columns.length === 1,
            run: () => (dialog.value = "delete"),
          },
        ],
      },
    ];
  };
  return (
    <>
      <Menu
        label={label}
        align="end"
        groups={groups}
        trigger={(props) => <IconButton {...props} icon="more" size="small" label={label} />}
      />
      {dialog.value === "limit" && <LimitDialog board={board} column={column} close={close} />}
      {dialog.value === "delete" && <DeleteColumn board={board} model={model} column={column} close={close} />}
    </>
  );
}
