/** The live half of the house, as the verbs see it. */
import type { Ctx } from "../db/context.ts";
import type { Access } from "./access.ts";
import type { Hub } from "./hub.ts";
import type { Lane } from "./lane.ts";
import type { Relay } from "./relay.ts";

export interface Live {
  readonly lane: Lane;
  readonly relay: Relay;
  readonly hub: Hub;
  readonly access: Access;
}

/** What every verb of a feature takes first. */
export interface LiveCtx extends Ctx {
  readonly live: Live;
}
