/** Schemas as tables of the page: a row a field, with what it may hold. */
import { html, line, type Markup } from "./markup.ts";
import type { JsonSchema } from "./reference-schemas.ts";
import { type Field, fieldsOf, notesOf, typeText } from "./reference-words.ts";

const anchor = (name: string): string => `schema-${name}`;
const typeOf = (schema: JsonSchema): string => typeText(schema, anchor);

const row = ({ path, schema, required }: Field): Markup =>
  html`<tr><th scope="row"><code>${path}</code>${!required && html` <span class="optional">optional</span>`}</th><td>${line(typeOf(schema))}</td><td>${line(notesOf(schema).join(", "))}</td></tr>`;

/** The fields of an object, of a query, or of a list's items. */
export const fieldTable = (schema: JsonSchema): Markup =>
  html`<div class="scroll"><table><tbody>${fieldsOf(schema).map(row)}</tbody></table></div>`;

/** The fields of a schema in a table, where it has any, and what else there is to say of it in a line. */
export function schemaView(schema: JsonSchema): Markup {
  const hasFields = fieldsOf(schema).length > 0;
  const words = [...(hasFields && schema.type === "object" ? [] : [typeOf(schema)]), ...notesOf(schema)].join(", ");
  return html`${hasFields && fieldTable(schema)}${words !== "" && html`<p class="type">${line(words)}</p>`}`;
}
