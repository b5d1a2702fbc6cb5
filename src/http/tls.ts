/** The listener's own TLS, where no proxy ends it. */
import type { Config } from "../core/config.ts";

export const tlsOf = ({ tlsCertFile, tlsKeyFile }: Config) =>
  tlsCertFile === undefined || tlsKeyFile === undefined
    ? {}
    : { tls: { cert: Bun.file(tlsCertFile), key: Bun.file(tlsKeyFile) } };
