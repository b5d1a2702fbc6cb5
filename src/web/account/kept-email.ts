/** The address that was used last in this browser, so that signing in again takes a password alone. */
import { readStored, store } from "../stored.ts";

const name = "taskwire:email";

export const keptEmail = (): string => readStored(name) ?? "";
export const keepEmail = (email: string): void => store(name, email);
