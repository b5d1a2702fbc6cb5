/** One request to a push service. Its address was chosen by a browser, so it is looked at when it is connected to. */
import { lookup as resolve } from "node:dns";
import { request as plainRequest } from "node:http";
import { type RequestOptions, request } from "node:https";
import { isPrivateLiteral, isPublicAddress } from "../../core/public-address.ts";

export interface Delivery {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array;
}

/** An address of this machine's networks: no request leaves for it. */
export class PrivateAddress extends Error {
  override readonly name = "PrivateAddress";
}

const timeoutMs = 15_000;

type Lookup = NonNullable<RequestOptions["lookup"]>;

/** Between looking a name up and connecting to it there is no second look, whose answer could be another. */
const lookupPublic: Lookup = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(new PrivateAddress(`${hostname} leads into a private network`), "", 0);
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** Answers the status; redirects are not followed. `anywhere`: see subscribe. Throws where nothing answered. */
export function deliver(
  { endpoint, headers, body }: Delivery,
  anywhere: boolean,
  signal: AbortSignal,
): Promise<number> {
  const url = new URL(endpoint);
  if (!anywhere && (url.protocol !== "https:" || isPrivateLiteral(url.hostname)))
    return Promise.reject(new PrivateAddress(`${url.hostname} is not to be reached`));
  return new Promise((settle, fail) => {
    const send = url.protocol === "https:" ? request : plainRequest;
    const options: RequestOptions = { method: "POST", headers, timeout: timeoutMs, signal };
    if (!anywhere) options.lookup = lookupPublic;
    const sent = send(url, options, (response) => {
      response.resume(); // what it says is of no use
      response.on("error", fail);
      settle(response.statusCode ?? 0);
    });
    sent.on("timeout", () => sent.destroy(new Error("the push service did not answer in time")));
    sent.on("error", fail);
    sent.end(body);
  });
}
