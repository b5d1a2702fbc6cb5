/** People named in a text: `@[Ana Kovač](0195…)`, as the page's autocomplete writes them; name and id. */
export const mentionPattern = /@\[([^\]\n]{1,200})\]\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)/gi;

/** Their ids, in lower case, each once. Whether they exist is not known here. */
export const mentionedIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(mentionPattern)].map(([, , id = ""]) => id.toLowerCase()));

/** The text as it is read: `@Ana Kovač`. */
export const withoutMentions = (text: string): string => text.replace(mentionPattern, (_, name: string) => `@${name}`);
