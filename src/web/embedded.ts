/** The page inside the executable. Imported only there: the macro runs when this file is bundled. */
import { bundledPage } from "./bundle-macro.ts" with { type: "macro" };

export const files = bundledPage();
