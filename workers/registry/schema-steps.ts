import type { SchemaStep } from "../lib/schema-steps.ts";

/** The registry's tables. */
export const REGISTRY_SCHEMA_STEPS: readonly SchemaStep[] = [
  {
    id: "0001-topology",
    statements: [
      `
      CREATE TABLE epochs (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        given_out INTEGER NOT NULL
      );
      INSERT INTO epochs (only, given_out) VALUES (1, 0);
      CREATE TABLE shards (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        weight INTEGER NOT NULL,
        location_hint TEXT,
        capacity_bytes INTEGER NOT NULL,
        registered_at_ms INTEGER NOT NULL
      );
      CREATE TABLE slots (
        slot INTEGER PRIMARY KEY,
        shard_id INTEGER NOT NULL,
        epoch INTEGER NOT NULL
      );
      `,
    ],
  },
  {
    id: "0002-operations",
    statements: [
      `
      CREATE TABLE plans (
        id TEXT PRIMARY KEY,
        plan TEXT NOT NULL,
        world TEXT NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE operations (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        plan_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        shards TEXT NOT NULL,
        slots_total INTEGER NOT NULL,
        slots_moved INTEGER NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        started_at_ms INTEGER NOT NULL,
        ended_at_ms INTEGER,
        last_error TEXT,
        attempts INTEGER NOT NULL
      );
      CREATE TABLE moves (
        slot INTEGER PRIMARY KEY,
        operation_id TEXT NOT NULL,
        source_id INTEGER NOT NULL,
        target_id INTEGER NOT NULL,
        from_epoch INTEGER NOT NULL,
        round INTEGER NOT NULL,
        state TEXT NOT NULL
      );
      `,
    ],
  },
  {
    id: "0003-breakers",
    statements: [
      `
      CREATE TABLE breakers (
        shard_id INTEGER PRIMARY KEY,
        breaker TEXT NOT NULL
      );
      CREATE TABLE breaker_transitions (
        shard_id INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        transition TEXT NOT NULL,
        PRIMARY KEY (shard_id, seq)
      ) WITHOUT ROWID;
      `,
    ],
  },
  {
    id: "0004-tokens",
    statements: [
      `
      CREATE TABLE tokens (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        rate_limit_per_second INTEGER,
        created_at_ms INTEGER NOT NULL,
        created_by TEXT NOT NULL,
        revoked_at_ms INTEGER
      ) WITHOUT ROWID;
      `,
    ],
  },
  {
    id: "0005-events",
    statements: [
      `
      CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        event TEXT NOT NULL
      );
      `,
    ],
  },
];
