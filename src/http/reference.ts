/** The files of the reference: made once, when one of them is first asked for, and served like those of the page. */
import { version } from "../core/version.ts";
import { events } from "../protocol/catalogue.ts";
import { endpoints } from "../protocol/endpoints.ts";
import type { Asset, AssetTable } from "./assets.ts";
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

export const referenceFiles = (): AssetTable =>
  new Map([
    ["/openapi.json", file(openApiText(), "application/json")],
    ["/asyncapi.json", file(asyncApiText(), "application/json")],
    [
      "/docs",
      file(referencePage({ endpoints, events, version, stylesheet: stylesheetPath }), "text/html; charset=utf-8"),
    ],
    [stylesheetPath, file(stylesheet, "text/css; charset=utf-8", true)],
  ]);

/** Is this a path that the reference answers? Its files need not be made to know. */
export const isReferencePath = (path: string): boolean =>
  /^\/(?:openapi\.json|asyncapi\.json|docs(?:\/.*)?)$/.test(path);
