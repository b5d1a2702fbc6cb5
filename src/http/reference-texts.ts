/** The reference as texts. Making them takes a while (every schema is converted, every example tried): see reference-embedded.ts. */
import { version } from "../core/version.ts";
import { events } from "../protocol/catalogue.ts";
import { endpoints } from "../protocol/endpoints.ts";
import { asyncApi } from "./asyncapi.ts";
import { openApi } from "./openapi.ts";
import stylesheet from "./reference.css" with { type: "text" };
import { referencePage } from "./reference-page.ts";

export interface ReferenceTexts {
  /** JSON. */
  readonly openApi: string;
  /** JSON. */
  readonly asyncApi: string;
  /** HTML, which names the stylesheet by `stylesheetPath`. */
  readonly page: string;
  readonly stylesheet: string;
  /** Holds a hash of its content. */
  readonly stylesheetPath: string;
}

const jsonText = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

export function makeReferenceTexts(): ReferenceTexts {
  const stylesheetPath = `/docs/reference-${Bun.hash.xxHash64(stylesheet).toString(36)}.css`;
  return {
    openApi: jsonText(openApi(endpoints, version)),
    asyncApi: jsonText(asyncApi(events, version)),
    page: referencePage({ endpoints, events, version, stylesheet: stylesheetPath }),
    stylesheet,
    stylesheetPath,
  };
}

// Called as a program by the build (see reference-macro.ts): the texts go to standard output.
if (import.meta.main) console.log(JSON.stringify(makeReferenceTexts()));
