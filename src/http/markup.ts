/** HTML as text, put together without a way to forget escaping. */

export interface Markup {
  readonly html: string;
}

type Part = string | number | Markup | undefined | false | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeText = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
  return "html" in part ? part.html : part.map(textOf).join("");
}

/** Texts are escaped, markup stays, lists are joined; undefined and false are nothing. */
export const html = (parts: TemplateStringsArray, ...values: readonly Part[]): Markup => ({
  html: parts.map((part, i) => part + textOf(values[i])).join(""),
});

/** One line of our Markdown: `code`, **strong** and [links](#within-the-page). */
export const line = (text: string): Markup => ({
  html: escapeText(text)
    .replace(/`([^`]+)`/g, "<code>$1</code>")
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/\[([^\]]+)\]\((#[\w-]+)\)/g, '<a href="$2">$1</a>'),
});

/** Paragraphs and lists of our Markdown. */
export const prose = (text: string): Markup[] =>
  text.split(/\n{2,}/).map((block) => {
    if (!block.startsWith("- ")) return html`<p>${line(block)}</p>`;
    return html`<ul>${block
      .split(/^- /m)
      .slice(1)
      .map((item) => html`<li>${line(item.trim())}</li>`)}</ul>`;
  });
