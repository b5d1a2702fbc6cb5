/** Addresses that are out there, as opposed to those of this machine and its own networks, which nobody is to reach through us. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** IANA's special-purpose registries. */
const special4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;
/** Within 2000::/3; the first two hold addresses of IPv4. */
const special6 = [
  ["2001::", 23],
  ["2002::", 16],
  ["2001:db8::", 32],
  ["3fff::", 20],
] as const;

const blocked = new BlockList();
for (const [network, prefix] of special4) blocked.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of special6) blocked.addSubnet(network, prefix, "ipv6");
const unicast6 = new BlockList();
unicast6.addSubnet("2000::", 3, "ipv6");

/** False for what is no address at all. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !blocked.check(address, "ipv4");
  // What is mapped or translated from IPv4 is outside of 2000::/3.
  return isIPv6(address) && unicast6.check(address, "ipv6") && !blocked.check(address, "ipv6");
}

/** `host` of a URL is an address (in brackets where it is IPv6), and it is not public. */
export function isPrivateLiteral(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  return (isIPv4(address) || isIPv6(address)) && !isPublicAddress(address);
}
