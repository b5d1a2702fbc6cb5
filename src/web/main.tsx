/** Starts the page. */
import { render } from "preact";
import { applyTheme } from "./preferences.ts";
import { followClicks } from "./push/clicks.ts";
import { resumeSession } from "./session.ts";
import { Page } from "./views/page.tsx";

const root = document.getElementById("page");
if (!root) throw new Error("the document has no place for the page");
applyTheme();
render(<Page />, root);
void resumeSession();
followClicks();
// In the bundle for people this is not.
if (process.env.NODE_ENV !== "production") void import("./follow-edits.ts").then(({ followEdits }) => followEdits());
