import type { Role } from "../contracts.ts";

/** What a page or an action asks for. `view` is every page; the others are what they act on. */
export type Permission =
  | "view"
  | "register"
  | "drain"
  | "rebalance"
  | "operate"
  | "remove"
  | "purge"
  | "trip"
  | "manage-operators"
  | "manage-tokens"
  | "settings";

/** The least role that holds each permission; a higher role holds it too. */
const LEAST_ROLE = {
  view: "viewer",
  register: "operator",
  drain: "operator",
  rebalance: "operator",
  operate: "operator",
  remove: "admin",
  purge: "operator",
  trip: "operator",
  "manage-operators": "admin",
  "manage-tokens": "admin",
  settings: "admin",
} as const satisfies Record<Permission, Role>;

const RANK = { viewer: 0, operator: 1, admin: 2 } as const satisfies Record<Role, number>;

/** What the refusal says that somebody may not do. */
const DEEDS = {
  view: "look at the dashboard",
  register: "register shards",
  drain: "drain shards",
  rebalance: "change the weights of shards",
  operate: "pause, resume, cancel or undo operations",
  remove: "remove shards by force",
  purge: "purge entries",
  trip: "isolate, disable or reset breakers",
  "manage-operators": "manage operators",
  "manage-tokens": "manage API tokens",
  settings: "change settings",
} as const satisfies Record<Permission, string>;

export function may(role: Role, permission: Permission): boolean {
  return RANK[role] >= RANK[leastRoleFor(permission)];
}

export function leastRoleFor(permission: Permission): Role {
  return LEAST_ROLE[permission];
}

/** The sentence that tells an operator why, and who could. */
export function refusalSentence(role: Role, permission: Permission): string {
  const needed = leastRoleFor(permission);
  const article = needed === "viewer" ? "a" : "an";
  return `Your role, ${role}, may not ${DEEDS[permission]}; ${article} ${needed} may.`;
}
