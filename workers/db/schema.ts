import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  customType,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import type {
  Actor,
  BreakerStateName,
  Json,
  LogOperation,
  LogOutcome,
  RegistryEvent,
  Role,
} from "../contracts.ts";

/**
 * What outlives a shard. After a change here: `npm run db:generate` writes the migration.
 *
 * Times are kept to the millisecond, as everything else in the system counts them: a cursor made
 * of a time must find the same row again.
 */
const momentOf = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** drizzle's own jsonb parses twice what the driver parsed already, so `"1"` would become 1. */
const json = customType<{ data: Json; driverData: unknown }>({
  dataType: () => "jsonb",
  toDriver: (value) => JSON.stringify(value),
});

export const operators = pgTable(
  "operators",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** Lower case; see `normalizeEmail`. */
    email: text("email").notNull().unique("operators_email_unique"),
    /** Null: signs in through Cloudflare Access alone. */
    passwordHash: text("password_hash"),
    role: text("role").$type<Role>().notNull(),
    createdAt: momentOf("created_at").notNull().defaultNow(),
    disabledAt: momentOf("disabled_at"),
  },
  (table) => [
    check("operators_email_lower_case", sql`${table.email} = lower(${table.email})`),
    check("operators_role_known", sql`${table.role} in ('viewer', 'operator', 'admin')`),
  ],
);

/** The audit trail: the registry's events, shipped once each. */
export const auditEvents = pgTable(
  "audit_events",
  {
    /** The registry event's id; shipping is idempotent by it. */
    id: text("id").primaryKey(),
    at: momentOf("at").notNull(),
    actorId: text("actor_id").notNull(),
    actorName: text("actor_name").notNull(),
    actorRole: text("actor_role").$type<Actor["role"]>().notNull(),
    action: text("action").notNull(),
    subject: text("subject").notNull(),
    outcome: text("outcome").$type<RegistryEvent["outcome"]>().notNull(),
    reason: text("reason").notNull(),
    before: json("before"),
    after: json("after"),
  },
  // Read backwards. A descending index of drizzle's says NULLS LAST, which `order by … desc` is not.
  (table) => [index("audit_events_by_time").on(table.at, table.id)],
);

/** What a shard's usage logs come to, a minute at a time; kept when the logs are gone. */
export const usageMinutes = pgTable(
  "usage_minutes",
  {
    shard: text("shard").notNull(),
    minute: momentOf("minute").notNull(),
    type: text("type").notNull(),
    operation: text("operation").$type<LogOperation>().notNull(),
    outcome: text("outcome").$type<LogOutcome>().notNull(),
    count: bigint("count", { mode: "number" }).notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({
      name: "usage_minutes_pk",
      columns: [table.shard, table.minute, table.type, table.operation, table.outcome],
    }),
    index("usage_minutes_by_time").on(table.minute),
  ],
);

export const breakerTransitions = pgTable(
  "breaker_transitions",
  {
    eventId: text("event_id").primaryKey(),
    at: momentOf("at").notNull(),
    shard: text("shard").notNull(),
    fromState: text("from_state").$type<BreakerStateName>().notNull(),
    toState: text("to_state").$type<BreakerStateName>().notNull(),
    generation: bigint("generation", { mode: "number" }).notNull(),
    reason: text("reason").notNull(),
    actorName: text("actor_name").notNull(),
  },
  (table) => [index("breaker_transitions_of_shard").on(table.shard, table.at, table.eventId)],
);

/** A page's search params under a name; it belongs to one operator. */
export const savedViews = pgTable(
  "saved_views",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    operatorId: uuid("operator_id")
      .notNull()
      .references(() => operators.id, { onDelete: "cascade" }),
    page: text("page").notNull(),
    name: text("name").notNull(),
    searchParams: text("search_params").notNull(),
    createdAt: momentOf("created_at").notNull().defaultNow(),
  },
  (table) => [unique("saved_views_name_unique").on(table.operatorId, table.page, table.name)],
);
