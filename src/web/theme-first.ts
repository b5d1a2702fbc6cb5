/** The document's first script, which it waits for: what is painted first has the theme already (see bundle.ts). */
import { readReducedMotion, readTheme, showTheme } from "./theme.ts";

showTheme(readTheme(), readReducedMotion());
