/** The bearer token: asked for once, kept until it is refused. */

export type TokenSource = string | (() => string | Promise<string>);

/** Answers a function from "the last one was refused" to a token. Calls at the same time share one question. */
export function createTokens(source: TokenSource): (fresh: boolean) => Promise<string> {
  if (typeof source === "string") return async () => source;
  let token: Promise<string> | undefined;
  let asking = false;
  return (fresh) => {
    if (token && (asking || !fresh)) return token;
    asking = true;
    const asked = Promise.resolve().then(source);
    token = asked;
    asked.then(
      () => {
        asking = false;
      },
      () => {
        asking = false;
        token = undefined;
      },
    );
    return asked;
  };
}
