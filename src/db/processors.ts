/** Who reads the log of projects, each with a position for every room: nothing is removed that one has not read. */
export const activityProcessor = "activity";
export const notificationsProcessor = "notifications";
export const remindersProcessor = "reminders";

export const processors = [activityProcessor, notificationsProcessor, remindersProcessor] as const;

/** SQL text: the names as a list of rows `(name)`. */
const processorRows = processors.map((name) => `('${name}')`).join();

/** $1 room: how far all of them have read; 0 where one has not begun. */
export const readUpTo = (room: string): string => `(
  select min(coalesce(p.seq, 0)) from (values ${processorRows}) n(name)
  left join positions p on p.processor = n.name and p.room_id = ${room})`;
