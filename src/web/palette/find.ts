/** What the palette shows for what was typed. */
import type { Command, Group } from "./commands.ts";
import { score } from "./fuzzy.ts";

export interface Section {
  readonly group: Group | "recent";
  readonly commands: readonly Command[];
}

const order: readonly Group[] = ["actions", "projects", "tasks", "settings"];
/** Of one group; whoever looks for more types on. */
const most = 8;

/** Nothing typed: what was used last, then all groups. Else the group with the best answer first. */
export function find(commands: readonly Command[], typed: string, recent: readonly string[]): readonly Section[] {
  if (typed.trim() === "") return unasked(commands, recent);
  const best = new Map<Group, { command: Command; points: number }[]>();
  for (const command of commands) {
    const points = pointsOf(command, typed, recent);
    if (points === undefined) continue;
    best.set(command.group, [...(best.get(command.group) ?? []), { command, points }]);
  }
  return [...best]
    .map(([group, found]) => ({ group, found: found.sort((one, other) => other.points - one.points) }))
    .sort((one, other) => (other.found[0]?.points ?? 0) - (one.found[0]?.points ?? 0))
    .map(({ group, found }) => ({ group, commands: found.slice(0, most).map(({ command }) => command) }));
}

/** A little more for what was used last. */
function pointsOf({ id, key, text }: Command, typed: string, recent: readonly string[]): number | undefined {
  const points = score(key === undefined ? text : `${key} ${text}`, typed);
  return points === undefined || !recent.includes(id) ? points : points + 50;
}

function unasked(commands: readonly Command[], recent: readonly string[]): readonly Section[] {
  const used = recent.map((id) => commands.find((command) => command.id === id)).filter((found) => found !== undefined);
  const rest = commands.filter((command) => !used.includes(command));
  const sections: Section[] = [
    { group: "recent", commands: used },
    ...order.map((group) => ({ group, commands: rest.filter((command) => command.group === group).slice(0, most) })),
  ];
  return sections.filter((section) => section.commands.length > 0);
}
