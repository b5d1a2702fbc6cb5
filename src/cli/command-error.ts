/** Why a command failed, for a person and, by its code, for a program; no stack is shown. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** `message` says what is wrong, `advice` what to do about it. */
  constructor(
    message: string,
    readonly advice: string,
    readonly code = "failed",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
