/** A Dockerfile as its stages of instructions. */

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** All after the name, continued lines joined. */
  readonly value: string;
}

export interface Stage {
  /** Image or stage it begins from. */
  readonly from: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(text: string): readonly Stage[] {
  const stages: { from: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text.replace(/^\s*#.*\n/gm, "").replace(/\\\n/g, " ");
  for (const line of lines.split("\n").filter((line) => line.trim() !== "")) {
    const [, name = "", value = ""] = /^([A-Za-z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === "") throw new Error(`no instruction: ${line}`);
    if (name.toUpperCase() === "FROM") {
      const [from = "", as, stage] = value.split(/\s+/);
      stages.push({ from, name: as?.toLowerCase() === "as" ? stage : undefined, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name: name.toUpperCase(), value });
  }
  return stages;
}

export const valuesOf = ({ instructions }: Stage, name: string): string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
