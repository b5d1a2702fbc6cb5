/** Where a listener is reached. */
import type { Config } from "./config.ts";

type Listener = Pick<Config, "host" | "port" | "tlsCertFile">;

/** `http://HOST:PORT` of the listener itself, as it was configured. */
export const listenerUrl = ({ host, port, tlsCertFile }: Listener): string =>
  `${tlsCertFile === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** The same as reached from this machine: an address that means "every interface" cannot be connected to. */
export const localUrl = (listener: Listener): string => {
  const loopback = { "0.0.0.0": "127.0.0.1", "::": "::1" }[listener.host];
  return listenerUrl({ ...listener, host: loopback ?? listener.host });
};
