/**
 * Markdown as HTML that is safe by its making: every tag below is written here, everything the author wrote is escaped,
 * and raw HTML is shown as the text it is. markdown-view.tsx cleans the result once more with DOMPurify.
 */
import { Marked, type RendererObject, type Tokens } from "marked";
import { mentionPattern } from "../../protocol/mentions.ts";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");

const schemes: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

/** The address of a link that may be followed; undefined for every other scheme, and for what is no whole address. */
export function safeHref(href: string): string | undefined {
  // As browsers do before they look for the scheme.
  const bare = [...href].filter((character) => character > " ").join("");
  if (!URL.canParse(bare)) return undefined;
  const { protocol, href: whole } = new URL(bare);
  return schemes.has(protocol) ? whole : undefined;
}

const anchor = (href: string, inner: string, title?: string | null): string => {
  const safe = safeHref(href);
  if (safe === undefined) return inner;
  const titled = title ? ` title="${escapeHtml(title)}"` : "";
  return `<a href="${escapeHtml(safe)}"${titled} target="_blank" rel="noopener noreferrer nofollow">${inner}</a>`;
};

/** Headings of a text stand below those of the page around it. */
const headingShift = 2;

const renderer: RendererObject<string, string> = {
  html: ({ text }) => escapeHtml(text),
  code: ({ text }) => `<pre tabindex="0"><code>${escapeHtml(text.replace(/\n$/, ""))}\n</code></pre>\n`,
  codespan: ({ text }) => `<code>${escapeHtml(text)}</code>`,
  heading({ tokens, depth }) {
    const level = Math.min(depth + headingShift, 6);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
  },
  link({ href, title, tokens }) {
    return anchor(href, this.parser.parseInline(tokens), title);
  },
  // A picture from elsewhere would tell its server who reads here: it is a link.
  image: ({ href, title, text }) => anchor(href, escapeHtml(text === "" ? href : text), title),
  checkbox: ({ checked }) => `<span class="tick">${checked ? "☑" : "☐"}</span> `,
};

interface MentionToken extends Tokens.Generic {
  readonly name: string;
}

const atStart = new RegExp(`^${mentionPattern.source}`, "i");

const marked = new Marked({ gfm: true, breaks: true, renderer });
marked.use({
  extensions: [
    {
      name: "mention",
      level: "inline",
      start: (source) => {
        const index = source.indexOf("@[");
        return index < 0 ? undefined : index;
      },
      tokenizer(source) {
        const found = atStart.exec(source);
        return found ? { type: "mention", raw: found[0], name: found[1] ?? "" } : undefined;
      },
      renderer: (token) => `<span class="mention">@${escapeHtml(nameOf(token))}</span>`,
    },
  ],
});

const nameOf = (token: Tokens.Generic | MentionToken): string => (typeof token.name === "string" ? token.name : "");

/** HTML of the allowed tags only. */
export const renderMarkdown = (text: string): string => marked.parse(text, { async: false });

/** Every tag and attribute that `renderMarkdown` makes. */
export const allowedTags =
  "a b blockquote br code del em h3 h4 h5 h6 hr li ol p pre span strong table tbody td th thead tr ul".split(" ");
export const allowedAttributes = ["align", "class", "href", "rel", "start", "tabindex", "target", "title"];
