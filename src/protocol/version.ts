/** The wire's version. Raise it with any change a client could notice, and say which in `history`. */
export const protocolVersion = 1;
export const subprotocol = "taskwire.v1";
export const history = { 1: "The first contract." } as const;
