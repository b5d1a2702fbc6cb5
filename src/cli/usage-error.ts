/** The command line was wrong; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    /** Whose help tells more; "" for that of the whole program. */
    readonly command = "",
  ) {
    super(message);
  }
}
