/** Why the server could not start, for a person: no stack is shown. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** `message` says what is wrong; `advice` says what to do about it. Neither holds a secret. */
  constructor(
    message: string,
    readonly advice: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
