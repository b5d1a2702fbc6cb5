/** What this browser keeps from visit to visit. Storage may be forbidden: then nothing is kept, and all else works. */

/** Null where there is none. */
export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Where it cannot be kept it holds until the page is left. */
export function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // See above.
  }
}
