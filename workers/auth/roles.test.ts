import { describe, expect, it } from "vitest";
import type { Role } from "../contracts.ts";
import { may, type Permission, refusalSentence } from "./roles.ts";

const TABLE: [Permission, Role[]][] = [
  ["view", ["viewer", "operator", "admin"]],
  ["register", ["operator", "admin"]],
  ["drain", ["operator", "admin"]],
  ["rebalance", ["operator", "admin"]],
  ["operate", ["operator", "admin"]],
  ["remove", ["admin"]],
  ["purge", ["operator", "admin"]],
  ["trip", ["operator", "admin"]],
  ["manage-operators", ["admin"]],
  ["manage-tokens", ["admin"]],
  ["settings", ["admin"]],
];

describe("a role", () => {
  it.each(TABLE)("that may %s is one of %j, and no other", (permission, holders) => {
    const roles: Role[] = ["viewer", "operator", "admin"];
    expect(roles.filter((role) => may(role, permission))).toEqual(holders);
  });

  it("that may not is told what, and who may", () => {
    expect(refusalSentence("viewer", "register")).toBe(
      "Your role, viewer, may not register shards; an operator may.",
    );
  });
});
