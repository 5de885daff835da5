import { env } from "cloudflare:workers";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { getDb } from "../db/get-db.ts";
import {
  type CachedServices,
  getCachedServices,
  getService,
  initializeAllServices,
  type Services,
} from "./services.ts";

describe("the init layer", () => {
  it("has nothing to give before it has run", async () => {
    vi.resetModules();
    const { getCachedServices: ofFreshIsolate } = await import("./services.ts");
    expect(() => ofFreshIsolate()).toThrow("initializeAllServices");
  });

  it("makes the cached services once for an isolate", () => {
    const services = initializeAllServices(env);
    expect(initializeAllServices(env)).toBe(services);
    expect(initializeAllServices({ ...env })).toBe(services);
    expect(getCachedServices()).toBe(services);
    expect(getService("sessions", env)).toBe(services.sessions);
  });

  it("gives a new database at every call, in tests too", () => {
    expect(getService("db", env)).not.toBe(getService("db", env));
    expect(getDb(env)).not.toBe(getDb(env));
  });

  it("gives a new stub of the registry at every call", () => {
    expect(getService("registry", env)).not.toBe(getService("registry", env));
  });

  it("keeps no database among what it caches, and its type knows of none", () => {
    const cached = initializeAllServices(env);
    expect(Object.keys(cached).toSorted()).toEqual(["access", "sessions"]);
    // @ts-expect-error DB is never cached; always obtain per-request via getDb(env).
    expect(getCachedServices().db).toBeUndefined();
    // @ts-expect-error The same for what initializing returns.
    expect(initializeAllServices(env).db).toBeUndefined();
    expectTypeOf<Extract<keyof CachedServices, "db" | "registry">>().toBeNever();
    expectTypeOf<Services["db"]>().toEqualTypeOf<ReturnType<typeof getDb>>();
  });

  it("knows the team's keys where Cloudflare Access is set up, and has none elsewhere", () => {
    expect(getService("access", env)).toBeNull();
    const behindAccess = { ...env, ACCESS_TEAM_DOMAIN: "team.example", ACCESS_AUDIENCE: "aud" };
    const access = getService("access", behindAccess);
    expect(access?.settings).toEqual({ issuer: "https://team.example", audience: "aud" });
    expect(getService("access", behindAccess)).toBe(access);
    expect(getService("access", env)).toBeNull();
  });
});
