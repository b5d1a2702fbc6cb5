/** The files of the reference: each made once, when it is first asked for, and served like those of the page. */
import { version } from "../core/version.ts";
import { events } from "../protocol/catalogue.ts";
import { endpoints } from "../protocol/endpoints.ts";
import { type Asset, type Assets, createAssets } from "./assets.ts";
import { asyncApi } from "./asyncapi.ts";
import { openApi } from "./openapi.ts";
import stylesheet from "./reference.css" with { type: "text" };
import { referencePage } from "./reference-page.ts";

const file = (text: string, type: string, immutable = false): Asset => ({
  bytes: new TextEncoder().encode(text),
  type,
  immutable,
});

const stylesheetPath = `/docs/reference-${Bun.hash.xxHash64(stylesheet).toString(36)}.css`;

/** The description of every route, as text. */
export const openApiText = (): string => `${JSON.stringify(openApi(endpoints, version), null, 2)}\n`;
/** The description of the socket, as text. */
export const asyncApiText = (): string => `${JSON.stringify(asyncApi(events, version), null, 2)}\n`;

const page = (): string => referencePage({ endpoints, events, version, stylesheet: stylesheetPath });

const files: ReadonlyMap<string, () => Asset> = new Map([
  ["/openapi.json", () => file(openApiText(), "application/json")],
  ["/asyncapi.json", () => file(asyncApiText(), "application/json")],
  ["/docs", () => file(page(), "text/html; charset=utf-8")],
  [stylesheetPath, () => file(stylesheet, "text/css; charset=utf-8", true)],
]);

/** Answers a function from a request and its path to the file's response; undefined where that is no path of the reference. */
export function createReference(): Assets["respond"] {
  const made = new Map<string, Assets>();
  return async (request, path) => {
    const make = files.get(path);
    if (!make) return undefined;
    const assets = made.get(path) ?? createAssets(new Map([[path, make()]]));
    made.set(path, assets);
    return assets.respond(request, path);
  };
}
