/**
 * The protocol's types written out. The compiler prints what it infers in full, so a source is made that infers each type
 * that the SDK names, and what the compiler declares of it is turned into aliases.
 */

interface Import {
  /** Of the protocol, without its ending. */
  readonly file: string;
  readonly name: string;
}

/** Types with a parameter: a table over every name the parameter takes. */
const tables: Readonly<Record<string, { readonly key: string; readonly file: string }>> = {
  EventData: { key: "EventName", file: "catalogue" },
  FrameInput: { key: "ClientFrameName", file: "frames" },
  FrameAnswer: { key: "ClientFrameName", file: "frames" },
};

const header = "declare function plain<T>(): { [K in keyof T]: T[K] };\n";

/** A source to be declared by the compiler; `protocol` is the way to the protocol's folder. Throws for a name with two meanings. */
export function wireSource(imports: readonly Import[], protocol: string): string {
  const files = new Map<string, string>();
  for (const { file, name } of imports) {
    if (files.get(name) !== undefined && files.get(name) !== file) throw new Error(`${name} comes from two files`);
    files.set(name, file);
    const table = tables[name];
    if (table) files.set(table.key, table.file);
  }
  const lines = [...files].sort().map(([name, file]) => {
    const from = `import("${protocol}/${file}.ts")`;
    const key = tables[name]?.key;
    if (key === undefined) return `export const ${name} = plain<${from}.${name}>();`;
    return `export const ${name} = plain<{ [N in ${from}.${key}]: ${from}.${name}<N> }>();`;
  });
  return `${header}${lines.join("\n")}\n`;
}

/** The aliases, of what the compiler declared. Throws where it did not write a type out. */
export function plainTypes(declared: string): string {
  if (/\bimport\(|\bfrom "|\bz\./.test(declared)) throw new Error(`a type was not written out:\n${declared}`);
  const aliases = declared.replace(/^export declare const (\w+): /gm, (_, name: string) => {
    const key = tables[name]?.key;
    return key === undefined ? `export type ${name} = ` : `interface ${name}Table `;
  });
  const generic = Object.entries(tables)
    .filter(([name]) => aliases.includes(`interface ${name}Table `))
    .map(([name, { key }]) => `export type ${name}<Name extends ${key}> = ${name}Table[Name];\n`);
  const whole = aliases.replace(/^export \{\};\n/gm, "").replace(/(interface \w+Table \{[\s\S]*?\n\});/g, "$1");
  return `/** Resources, events and frames as they go over the wire. */\n${whole}${generic.join("")}`;
}
