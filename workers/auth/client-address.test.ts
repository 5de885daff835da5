import { describe, expect, it } from "vitest";
import { clientAddressOf, networkOf } from "./client-address.ts";

describe("the network that attempts are counted by", () => {
  it("is the whole of an IPv4 address, also when it is written as an IPv6 one", () => {
    expect(networkOf("203.0.113.7")).toBe("203.0.113.7");
    expect(networkOf("::ffff:203.0.113.7")).toBe("203.0.113.7");
  });

  it("is the same for every address of an IPv6 subscriber", () => {
    const network = networkOf("2001:db8:1:2::1");
    expect(network).toBe("2001:db8:1:2::/64");
    expect(networkOf("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff")).toBe(network);
    expect(networkOf("2001:db8:1:3::1")).not.toBe(network);
  });

  it("fills in the zeros that an IPv6 address leaves out", () => {
    expect(networkOf("2001:db8::1")).toBe("2001:db8:0:0::/64");
    expect(networkOf("::1")).toBe("0:0:0:0::/64");
    expect(networkOf("2001:db8::1:2:3:4:5")).toBe("2001:db8:0:1::/64");
  });

  it("is one for all where Cloudflare does not say", () => {
    const request = new Request("http://localhost/login");
    expect(networkOf(clientAddressOf(request))).toBe("unknown");
  });
});
