/**
 * The control socket, DATA_DIR/control.sock: through it commands reach the server that has the embedded database. HTTP,
 * POST /<operation> with its input as JSON; the answer is NDJSON: lines of progress, empty ones
 * that only say the server is there, then the result or the error.
 */
import { join } from "node:path";
import { z } from "zod";

export const controlPath = (dataDir: string): string => join(dataDir, "control.sock");

export const ControlLine = z.union([
  z.object({ progress: z.object({ step: z.string(), done: z.number(), total: z.number() }) }),
  z.object({ result: z.unknown() }),
  z.object({
    error: z.object({ code: z.string(), message: z.string(), advice: z.string() }),
  }),
]);
export type ControlLine = z.infer<typeof ControlLine>;
