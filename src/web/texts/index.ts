/** Everything the page says, in the language that is chosen. */
import { language } from "../preferences.ts";
import { account } from "./en/account.ts";
import { board } from "./en/board.ts";
import { drawer } from "./en/drawer.ts";
import { common } from "./en/general.ts";
import { inbox } from "./en/inbox.ts";
import { live } from "./en/live.ts";
import { palette } from "./en/palette.ts";
import { projects } from "./en/projects.ts";
import { push } from "./en/push.ts";
import { settings } from "./en/settings.ts";
import { pseudo } from "./pseudo.ts";

const en = { account, board, common, drawer, inbox, live, palette, projects, push, settings };

/** A further language is another object of this type. */
export type Texts = typeof en;

/** Chosen once, when the page loads: modules keep what they took from it. */
export const texts: Texts = language === "pseudo" ? pseudo(en) : en;
