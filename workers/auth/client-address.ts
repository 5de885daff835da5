/** Behind Cloudflare this header is always there and cannot be forged by the client. */
const ADDRESS_HEADER = "CF-Connecting-IP";

/** Development without Cloudflare in front: every client counts as this one. */
const UNKNOWN_ADDRESS = "unknown";

/** Half of an IPv6 address; the other half is the client's own to choose (RFC 4291, section 2.5.4). */
const NETWORK_GROUPS = 4;

const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The address that the request came from, for the audit trail. */
export function clientAddressOf(request: Request): string {
  return request.headers.get(ADDRESS_HEADER) ?? UNKNOWN_ADDRESS;
}

/**
 * What to count attempts by: an IPv4 address as it is, an IPv6 address by its /64, which is what
 * one subscriber gets. Counting whole IPv6 addresses would give each of them 2^64 fresh starts.
 */
export function networkOf(address: string): string {
  const mapped = IPV4_MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const leading = groupsOf(head);
  const trailing = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array<string>(Math.max(0, 8 - leading.length - trailing.length)).fill("0");
  const groups = [...leading, ...zeros, ...trailing].slice(0, NETWORK_GROUPS);
  return `${groups.map(withoutLeadingZeros).join(":")}::/64`;
}

function groupsOf(part: string): string[] {
  return part === "" ? [] : part.split(":");
}

function withoutLeadingZeros(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, "");
}
