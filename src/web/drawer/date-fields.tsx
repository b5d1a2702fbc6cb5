/** When a task starts and when it is due: dates, and times unless they are whole days. */
import { useId } from "preact/hooks";
import type { TaskChanges } from "../../client/index.ts";
import { watch } from "../notices.ts";
import { texts } from "../texts/index.ts";
import { Badge } from "../ui/badge.tsx";
import { IconButton } from "../ui/button.tsx";
import { Checkbox } from "../ui/field.tsx";
import type { Opened } from "./context.ts";
import { type DateField, defaultTimes, isoOf, isPast, momentOf, setDate, turnAllDay } from "./dates.ts";
import { FieldRow } from "./field-row.tsx";
import { momentText } from "./moments.ts";

const words = texts.drawer.fields;

/** While a year is typed digit by digit the field holds years such as 0002. */
const firstYear = "1900";

export function DateFields({ board, task }: Opened) {
  const change = (changes: TaskChanges) => watch(board.client.updateTask(task.id, changes));
  const { start_at, due_at, all_day, completed_at } = task;
  const overdue = due_at !== null && completed_at === null && isPast(due_at, all_day, Date.now());
  const outOfOrder = start_at !== null && due_at !== null && start_at > due_at;
  const shared = { board, task, change };
  return (
    <>
      <FieldRow name={words.start}>
        <DateInputs {...shared} field="start_at" name={words.start} date={words.startDate} time={words.startTime} />
      </FieldRow>
      <FieldRow name={words.due}>
        <DateInputs {...shared} field="due_at" name={words.due} date={words.dueDate} time={words.dueTime} />
        {overdue && (
          <Badge tone="danger" icon="clock">
            {words.overdue}
          </Badge>
        )}
        {outOfOrder && (
          <p class="field-problem" role="status">
            {words.order}
          </p>
        )}
        {board.mayWrite && (start_at !== null || due_at !== null) && (
          <Checkbox
            label={words.allDay}
            checked={all_day}
            onChange={(event) => change(turnAllDay(task, event.currentTarget.checked))}
          />
        )}
      </FieldRow>
    </>
  );
}

interface DateInputsProps extends Pick<Opened, "board" | "task"> {
  readonly field: DateField;
  readonly name: string;
  readonly date: string;
  readonly time: string;
  readonly change: (changes: TaskChanges) => void;
}

function DateInputs({ board, task, field, name, date, time, change }: DateInputsProps) {
  const id = useId();
  const iso = task[field];
  const at = iso === null ? { date: "", time: "" } : momentOf(iso, task.all_day);
  if (!board.mayWrite) {
    return <span class="task-field-text">{iso === null ? words.none : momentText(iso, task.all_day)}</span>;
  }
  const setTime = (value: string) => {
    const next = value === "" ? null : isoOf({ date: at.date, time: value }, false, defaultTimes[field]);
    if (next !== null && next !== iso) change({ [field]: next });
  };
  return (
    <span class="date-inputs">
      <input
        id={id}
        type="date"
        class="input"
        aria-label={date}
        value={at.date}
        onChange={({ currentTarget: { value } }) => {
          if (value >= firstYear && value !== at.date) change(setDate(task, field, value));
        }}
      />
      {iso !== null && !task.all_day && (
        <input
          type="time"
          class="input"
          aria-label={time}
          value={at.time}
          onChange={(event) => setTime(event.currentTarget.value)}
        />
      )}
      {iso !== null && (
        <IconButton
          icon="close"
          size="small"
          label={words.clear(name)}
          onClick={() => {
            change({ [field]: null });
            document.getElementById(id)?.focus();
          }}
        />
      )}
    </span>
  );
}
