/** For script tags: everything the module exports, as `Taskwire`. */
import * as Taskwire from "./index.ts";

Object.assign(globalThis, { Taskwire });
