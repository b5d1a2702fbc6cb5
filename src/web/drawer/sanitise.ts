/** What turns Markdown into nodes for the page: loaded when a text is shown for the first time (27 KB compressed). */
import createDOMPurify from "dompurify";
import { allowedAttributes, allowedTags, renderMarkdown } from "./markdown.ts";

const purifier = createDOMPurify(window);
const options = {
  ALLOWED_TAGS: allowedTags,
  ALLOWED_ATTR: allowedAttributes,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  // Their values are no addresses; every other attribute's value must be one.
  ADD_URI_SAFE_ATTR: allowedAttributes.filter((name) => name !== "href"),
};

export const markdownNodes = (text: string): DocumentFragment =>
  purifier.sanitize(renderMarkdown(text), { ...options, RETURN_DOM_FRAGMENT: true });
