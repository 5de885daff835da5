import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { getDb } from "../db/get-db.ts";
import { createOperator } from "../db/operators.ts";
import { registryOf } from "../registry/registry-stub.ts";
import { hashPassword } from "./password.ts";
import { askResource } from "./testing/dashboard.ts";
import { formOf } from "./testing/signed-in.ts";
import { askWhole } from "./testing/whole-dashboard.ts";

/** The objects that count failed sign-ins do not answer, or not to `method` alone. */
function withoutGuard(call: () => Promise<never>, method: "admit" | "settle"): Env {
  const namespace = env.CEPATEDGE_SIGNIN;
  const guarded = new Proxy(namespace, {
    get: (real, property) => {
      if (property === "get") {
        return (id: DurableObjectId) => {
          const stub = real.get(id);
          const others = method === "admit" ? "settle" : "admit";
          const rest = async (...args: unknown[]) => Reflect.apply(stub[others], stub, args);
          return { [method]: call, [others]: rest };
        };
      }
      const value: unknown = Reflect.get(real, property);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
  return { ...env, CEPATEDGE_SIGNIN: guarded };
}

const fails = async () => Promise.reject(new Error("it is being moved"));
const hangs = () => new Promise<never>(() => undefined);

describe.concurrent.each([
  { guard: "fail", call: fails },
  { guard: "hang", call: hangs },
])("While the objects that count sign-ins $guard", ({ guard, call }) => {
  it("no password is tried, the page says why, and one event is left", async () => {
    const email = `${guard}@without-guard.example`;
    const world = withoutGuard(call, "admit");
    const page = await askWhole(world, formOf("/login", { email, password: "any" }, ""), "nothing");
    expect(page).toMatchObject({
      status: 503,
      answer: { email, formError: expect.stringContaining("cannot be counted right now") },
    });
    const events = await registryOf(env).pendingEvents(500);
    expect(events.filter(({ subject }) => subject === email)).toMatchObject([
      { action: "sign-in", outcome: "failed" },
    ]);
  });

  it("the doors of the bootstrap secret stay shut, also for the right one", async () => {
    const request = new Request("https://cepatedge.example/access", {
      method: "POST",
      body: JSON.stringify({ command: "token-list" }),
      headers: { Authorization: `Bearer ${env.BOOTSTRAP_SECRET}` },
    });
    const response = await askResource(withoutGuard(call, "admit"), "access", request);
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(await response.json()).toMatchObject({ code: "guard-unavailable" });
  });

  it("the right password signs in although its attempt stays counted", async () => {
    const email = `settle-${guard}@without-guard.example`;
    const passwordHash = await hashPassword("correct horse");
    await createOperator(getDb(env), { email, role: "viewer", passwordHash });
    const form = formOf("/login", { email, password: "correct horse" }, "");
    const page = await askWhole(withoutGuard(call, "settle"), form, "nothing");
    expect(page).toMatchObject({ status: 303, location: "/" });
  });
});
