/** The words of a Markdown text on one line, for where it cannot be laid out. */

/** Signs that stand at the start of a line: quotes, headings, lists, boxes, and lines that are nothing but signs. */
const lineStart = /^(?:\s*>)*\s*(?:#{1,6}(?=\s|$)|[-*+](?=\s)|\d{1,9}[.)](?=\s))?\s*(?:\[[ xX]\](?=\s))?\s*/;
const ruled = /^\s*(?:([-*_=])(?:\s*\1){2,}|[|:\s-]*\|[|:\s-]*|(?:```|~~~).*)\s*$/;

/** Emphasis stands at the edges of words: `snake_case` and `2 * 3` are none. */
const pairs: readonly RegExp[] = [
  /(?<![\\\w*])(\*{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])/g,
  /(?<![\\\w_])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w_])/g,
  /(~~)(?=\S)(.+?)(?<=\S)\1/g,
];

/** Only the beginning is read: no line of the page is longer, and nobody's text holds the page up. */
const readMax = 600;

export function plainText(markdown: string): string {
  return markdown
    .slice(0, readMax)
    .split("\n")
    .filter((line) => !ruled.test(line))
    .map((line) => (/^\s*\|/.test(line) ? line.replaceAll("|", " ") : line.replace(lineStart, "")))
    .map(inline)
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}

function inline(line: string): string {
  // What stands in `code` is as it is written.
  return line
    .split(/(`+[^`]+`+)/)
    .map((part, index) => (index % 2 === 1 ? part.replace(/^`+ ?| ?`+$/g, "") : words(part)))
    .join("");
}

const words = (text: string): string =>
  pairs
    .reduce(
      (left, pair) => left.replace(pair, "$2"),
      text
        .replace(/!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+"[^"]*")?\)/g, "$1")
        .replace(/!?\[([^\]]+)\]\[[^\]]*\]/g, "$1")
        .replace(/<(https?:[^\s>]+)>/g, "$1"),
    )
    .replace(/\\([!-/:-@[-`{-~])/g, "$1");
