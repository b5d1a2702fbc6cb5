/** JSON that is text already (made by the database or spliced together) and is sent as it stands. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** JSON text of a value or of what already is text. */
export const jsonText = (value: unknown): string => (value instanceof RawJson ? value.text : JSON.stringify(value));
