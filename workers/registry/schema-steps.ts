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
  {
    // A version before this one would end an operation for which it finds no row in `moves`, so it
    // must not find the table at all: after a rollback it fails, and the routes are answered still.
    id: "0006-slot-moves",
    statements: [
      `
      CREATE TABLE slot_moves (
        operation_seq INTEGER NOT NULL,
        slot INTEGER NOT NULL,
        source TEXT,
        target TEXT NOT NULL,
        from_epoch INTEGER NOT NULL,
        state TEXT NOT NULL,
        entries INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        digest TEXT,
        committed_at_ms INTEGER,
        PRIMARY KEY (operation_seq, slot)
      ) WITHOUT ROWID;
      CREATE TABLE move_sources (
        operation_seq INTEGER NOT NULL,
        source TEXT NOT NULL,
        slots_total INTEGER NOT NULL,
        entries_total INTEGER NOT NULL,
        bytes_total INTEGER NOT NULL,
        logs_total INTEGER NOT NULL,
        slots_moved INTEGER NOT NULL DEFAULT 0,
        entries_moved INTEGER NOT NULL DEFAULT 0,
        bytes_moved INTEGER NOT NULL DEFAULT 0,
        slots_cleaned INTEGER NOT NULL DEFAULT 0,
        logs_moved INTEGER NOT NULL DEFAULT 0,
        logs_state TEXT NOT NULL,
        progress_at_ms INTEGER,
        paced_work REAL NOT NULL DEFAULT 0,
        flight TEXT,
        PRIMARY KEY (operation_seq, source)
      ) WITHOUT ROWID;
      ALTER TABLE operations ADD COLUMN effect TEXT NOT NULL
        DEFAULT '{"joins":[],"leaves":[],"weights":[],"logTargets":[],"isFirst":true}';
      ALTER TABLE operations ADD COLUMN throttle INTEGER;
      ALTER TABLE operations ADD COLUMN undoes TEXT;
      ALTER TABLE operations ADD COLUMN undone_by TEXT;
      ALTER TABLE operations ADD COLUMN paused_at_ms INTEGER;
      ALTER TABLE operations ADD COLUMN resumed_at_ms INTEGER;
      ALTER TABLE operations ADD COLUMN paused_ms INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE operations ADD COLUMN paced_from_ms INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE operations ADD COLUMN has_moves INTEGER NOT NULL DEFAULT 0;
      INSERT INTO slot_moves (operation_seq, slot, source, target, from_epoch, state)
        SELECT operations.seq, moves.slot, source.name, target.name, moves.from_epoch, 'waiting'
        FROM moves
        JOIN operations ON operations.id = moves.operation_id AND operations.state = 'running'
        JOIN shards AS source ON source.id = moves.source_id
        JOIN shards AS target ON target.id = moves.target_id
        WHERE moves.state = 'wanted';
      INSERT INTO move_sources (operation_seq, source, slots_total, entries_total, bytes_total,
          logs_total, logs_state)
        SELECT operation_seq, source, count(*), 0, 0, 0, 'stay' FROM slot_moves
        GROUP BY operation_seq, source;
      UPDATE operations SET has_moves = 1, slots_total = slots_moved +
          (SELECT count(*) FROM slot_moves WHERE operation_seq = operations.seq)
        WHERE state = 'running';
      DROP TABLE moves;
      `,
    ],
  },
  {
    id: "0007-plan-requests",
    statements: ["ALTER TABLE plans ADD COLUMN request TEXT NOT NULL DEFAULT 'null'"],
  },
  {
    id: "0008-figures",
    statements: [
      `
      CREATE TABLE shard_sizes (
        shard TEXT PRIMARY KEY,
        entries INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        logs INTEGER NOT NULL,
        at_ms INTEGER NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE move_rates (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        work_per_second REAL NOT NULL,
        measured_at_ms INTEGER NOT NULL
      );
      `,
    ],
  },
  {
    // A forced removal between its decision and its beginning, as JSON; no row: there is none.
    id: "0009-removal",
    statements: [
      `
      CREATE TABLE removal (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        removal TEXT NOT NULL
      );
      `,
    ],
  },
  {
    // What undoing an operation needs, once its slots' rows are gone. `has_moves` is 2 then, which
    // a version before this one takes for an operation that cannot be undone.
    id: "0010-packed-moves",
    statements: [
      `
      CREATE TABLE packed_moves (
        operation_seq INTEGER PRIMARY KEY,
        ways TEXT NOT NULL,
        slots BLOB NOT NULL
      );
      `,
    ],
  },
];
