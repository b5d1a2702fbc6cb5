/** Overwritten on every request with the address found by http/wrap.ts, so that what reads it later cannot be lied to. */
export const clientAddressHeader = "x-taskwire-client-address";
