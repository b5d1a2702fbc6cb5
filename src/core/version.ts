/** The version of the server, as in package.json (which travels inside the executable). */
import manifest from "../../package.json" with { type: "json" };

export const version: string = manifest.version;
