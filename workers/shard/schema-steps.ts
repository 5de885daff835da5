import type { SchemaStep } from "../lib/schema-steps.ts";

/** A shard's tables. */
export const SHARD_SCHEMA_STEPS: readonly SchemaStep[] = [
  {
    id: "1-slots",
    statements: [
      // One row a slot: adopting or releasing it writes exactly one.
      `CREATE TABLE slots (
        slot INTEGER PRIMARY KEY,
        state TEXT NOT NULL,
        epoch INTEGER NOT NULL
      )`,
    ],
  },
  {
    id: "2-entries",
    statements: [
      // The value comes last, so that reading any other column never follows its overflow pages.
      `CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        slot INTEGER NOT NULL,
        type TEXT NOT NULL,
        key TEXT NOT NULL,
        size INTEGER NOT NULL,
        version INTEGER NOT NULL,
        stored_at_ms INTEGER NOT NULL,
        expires_at_ms INTEGER,
        content_type TEXT NOT NULL,
        value BLOB NOT NULL
      )`,
      "CREATE UNIQUE INDEX entries_by_key ON entries (slot, type, key)",
      `CREATE INDEX entries_by_expiry ON entries (expires_at_ms)
        WHERE expires_at_ms IS NOT NULL`,
      `CREATE TABLE totals (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        entries INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        version INTEGER NOT NULL,
        evictions INTEGER NOT NULL,
        hand INTEGER NOT NULL
      )`,
      "INSERT INTO totals VALUES (1, 0, 0, 0, 0, 0)",
    ],
  },
  {
    id: "3-usage-logs",
    statements: [
      // Clustered on the key, no other index: an append writes one row.
      `CREATE TABLE usage_logs (
        key TEXT PRIMARY KEY,
        type TEXT NOT NULL,
        operation TEXT NOT NULL,
        outcome TEXT NOT NULL,
        entry_key TEXT NOT NULL,
        slot INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE TABLE usage_minutes (
        minute_ms INTEGER NOT NULL,
        type TEXT NOT NULL,
        operation TEXT NOT NULL,
        outcome TEXT NOT NULL,
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (minute_ms, type, operation, outcome)
      ) WITHOUT ROWID`,
      // `watermark`: rolled up to this log, inclusive. `rows_below`: logs up to it that are still
      // here. `cut`: the newest log that retention has removed. Both keys start as ''.
      `CREATE TABLE log_bounds (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        watermark TEXT NOT NULL,
        rows_below INTEGER NOT NULL,
        cut TEXT NOT NULL
      )`,
      "INSERT INTO log_bounds VALUES (1, '', 0, '')",
    ],
  },
  {
    id: "4-settings-and-housekeeping",
    statements: [
      `CREATE TABLE settings (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        name TEXT NOT NULL,
        capacity_bytes INTEGER NOT NULL,
        log_retention_days INTEGER NOT NULL,
        log_rows_max INTEGER NOT NULL
      )`,
      `CREATE TABLE housekeeping (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        last_ran_at_ms INTEGER,
        last_error TEXT,
        failures INTEGER NOT NULL
      )`,
      "INSERT INTO housekeeping VALUES (1, NULL, NULL, 0)",
    ],
  },
  {
    id: "5-kept-slots",
    statements: [
      // Of the hand-over that moves have replaced; nothing reads it any more. It goes in a later
      // step, once no version that reads it can come back by a rollback.
      `CREATE TABLE kept_slots (
        slot INTEGER PRIMARY KEY,
        below_epoch INTEGER NOT NULL
      )`,
    ],
  },
  {
    id: "6-moves",
    statements: [
      // One row a stage that this shard fills elsewhere, from its first message until its slots are
      // closed, or until the target has said that it dropped it; those that came to nothing are
      // folded into the newest of their target. AUTOINCREMENT never gives a number out twice. `slots`
      // is a JSON array.
      `CREATE TABLE move_streams (
        stream INTEGER PRIMARY KEY AUTOINCREMENT,
        operation TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        target TEXT NOT NULL,
        slots TEXT NOT NULL
      )`,
      // Slots past the point of no return: `closed`, then `cleaning`, then `cleaned` until the
      // registry has been told. Its own key, because a slot may come back and leave again before.
      `CREATE TABLE outgoing_moves (
        slot INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        operation TEXT NOT NULL,
        target TEXT NOT NULL,
        from_epoch INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        step TEXT NOT NULL,
        entries INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (slot, epoch)
      ) WITHOUT ROWID`,
      `CREATE TABLE changed_keys (
        slot INTEGER NOT NULL,
        type TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (slot, type, key)
      ) WITHOUT ROWID`,
      // The newest stage of each source; state is open, sealed or ended.
      `CREATE TABLE incoming_streams (
        source TEXT PRIMARY KEY,
        epoch INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        chunk INTEGER NOT NULL,
        state TEXT NOT NULL
      ) WITHOUT ROWID`,
      // Slots whose staged rows lie in entries, hidden by the fence.
      `CREATE TABLE incoming_slots (
        slot INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        sealed INTEGER NOT NULL
      )`,
    ],
  },
  {
    id: "7-adopted-logs",
    statements: [
      // Logs and minutes of drained shards. Tables of their own, so that they never pass this
      // shard's watermark and never count in its rollups.
      `CREATE TABLE adopted_logs (
        key TEXT PRIMARY KEY,
        shard TEXT NOT NULL,
        type TEXT NOT NULL,
        operation TEXT NOT NULL,
        outcome TEXT NOT NULL,
        entry_key TEXT NOT NULL,
        slot INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        bytes INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE TABLE adopted_minutes (
        minute_ms INTEGER NOT NULL,
        shard TEXT NOT NULL,
        type TEXT NOT NULL,
        operation TEXT NOT NULL,
        outcome TEXT NOT NULL,
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (minute_ms, shard, type, operation, outcome)
      ) WITHOUT ROWID`,
      "CREATE TABLE adopted_totals (id INTEGER PRIMARY KEY CHECK (id = 1), logs INTEGER NOT NULL)",
      "INSERT INTO adopted_totals VALUES (1, 0)",
      // How far this shard's own hand-over has come; no row: none is under way.
      `CREATE TABLE log_handover (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        operation TEXT NOT NULL,
        part INTEGER NOT NULL,
        cursor TEXT NOT NULL,
        moved INTEGER NOT NULL,
        copied_at_ms INTEGER
      )`,
    ],
  },
  {
    id: "8-retirement",
    statements: [
      // The epoch below which a shard that was removed by force serves nothing; no row: never was.
      `CREATE TABLE retirement (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        below_epoch INTEGER NOT NULL
      )`,
    ],
  },
  {
    id: "9-handover-own-logs",
    statements: [
      // The newest log of this shard's own that has been handed over; nothing above it is removed.
      // A hand-over that an earlier version has begun knows none, and so begins again.
      "ALTER TABLE log_handover ADD COLUMN own_to TEXT NOT NULL DEFAULT ''",
    ],
  },
];
