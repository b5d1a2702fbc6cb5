/** Which route a request took, for its figures: by the pattern, never by the path, of which there are as many as rows. */
const patterns = new WeakMap<Request, string>();

/** `pattern` is one of a closed list, such as `/api/tasks/:id`. */
export const takeRoute = (request: Request, pattern: string): void => void patterns.set(request, pattern);

/** "none" where the request was answered before any route: a preflight, a path with nothing at it. */
export const routeTaken = (request: Request): string => patterns.get(request) ?? "none";
