/** The address that was used last in this browser, so that signing in again takes a password alone. */

const name = "taskwire:email";

/** Storage may be forbidden: then nothing is kept. */
export function keptEmail(): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function keepEmail(email: string): void {
  try {
    localStorage.setItem(name, email);
  } catch {
    // As above.
  }
}
