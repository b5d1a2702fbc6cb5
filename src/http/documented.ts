/** In tests every answer is held against its endpoint's schema: the reference shows exactly what runs. */
import type { Endpoint } from "../protocol/endpoint.ts";
import { brokenPromises } from "./field-formats.ts";

/** Throws, with the paths, where an answer is not what its endpoint declares: status, shape, or a field nobody documented. */
export async function requireDocumented(endpoint: Endpoint, response: Response): Promise<void> {
  const wanted = endpoint.status ?? 200;
  const name = `${endpoint.method} ${endpoint.path}`;
  if (response.status !== wanted) throw new Error(`${name} answered ${response.status}, and declares ${wanted}`);
  if (endpoint.etag && !response.headers.has("etag")) throw new Error(`${name} answered without the ETag it declares`);
  if (!endpoint.answer) {
    if (response.status !== 204) throw new Error(`${name} declares no answer`);
    return;
  }
  if (response.headers.has("content-encoding")) return;
  const body: unknown = await response.clone().json();
  const read = endpoint.answer.safeParse(body);
  if (!read.success) throw new Error(`${name} answered what it does not declare: ${read.error.message}`);
  const broken = brokenPromises(body);
  if (broken.length > 0) throw new Error(`${name} answered ids or times that are none: ${broken.join(", ")}`);
  // Schemas of answers drop what they do not know.
  if (!Bun.deepEquals(read.data, body)) throw new Error(`${name} answered fields that it does not declare`);
}
