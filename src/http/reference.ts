/** The files of the reference, served like those of the page. */
import { type Asset, type Assets, createAssets } from "./assets.ts";
import type { ReferenceTexts } from "./reference-texts.ts";

const isReferencePath = (path: string): boolean => /^\/(?:openapi\.json|asyncapi\.json|docs(?:\/.*)?)$/.test(path);

const file = (text: string, type: string, immutable = false): Asset => ({
  bytes: new TextEncoder().encode(text),
  type,
  immutable,
});

/** `executable`: the texts were made when it was built. Else they are made here, which takes about 0.2 s. */
async function loadTexts(executable: boolean): Promise<ReferenceTexts> {
  if (executable) return (await import("./reference-embedded.ts")).unpackReference();
  return (await import("./reference-texts.ts")).makeReferenceTexts();
}

const filesOf = ({ openApi, asyncApi, page, stylesheet, stylesheetPath }: ReferenceTexts): ReadonlyMap<string, Asset> =>
  new Map([
    ["/openapi.json", file(openApi, "application/json")],
    ["/asyncapi.json", file(asyncApi, "application/json")],
    ["/docs", file(page, "text/html; charset=utf-8")],
    [stylesheetPath, file(stylesheet, "text/css; charset=utf-8", true)],
  ]);

/**
 * Answers a function from a request and its path to the file's response; undefined where that is no path of the
 * reference. The files are made when one of them is first asked for.
 */
export function createReference(executable: boolean): Assets["respond"] {
  let made: Promise<Assets> | undefined;
  return async (request, path) => {
    if (!isReferencePath(path)) return undefined;
    made ??= loadTexts(executable).then((texts) => createAssets(filesOf(texts)));
    return (await made).respond(request, path);
  };
}
