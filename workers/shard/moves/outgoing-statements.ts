/** One statement a table and a step, however many slots a batch has. Lists come as JSON arrays. */

export const CLOSED = "SELECT * FROM outgoing_moves WHERE step = 'closed' ORDER BY epoch, slot";

/** Rows of the list at an epoch: the primary key, so each costs one search. */
export const LISTED = "epoch = ? AND slot IN (SELECT value FROM json_each(?))";

export const CLOSE = `INSERT INTO outgoing_moves
  SELECT value ->> 0, ?, ?, ?, value ->> 1, ?, 'closed', value ->> 2, value ->> 3, value ->> 4
  FROM json_each(?)`;
export const CLOSE_SLOTS = `INSERT OR REPLACE INTO slots
  SELECT value ->> 0, 'released', ? FROM json_each(?)`;
export const REOPEN_SLOTS = `INSERT OR REPLACE INTO slots
  SELECT value ->> 0, 'serving', value ->> 1 FROM json_each(?)`;

/** Of a slot that was empty nothing is to be removed. */
export const COMMIT = `UPDATE outgoing_moves
  SET step = CASE entries WHEN 0 THEN 'cleaned' ELSE 'cleaning' END
  WHERE step = 'closed' AND ${LISTED} RETURNING slot, entries`;

/**
 * The newest operation comes first: that is the one which is waited for. Of what is left of earlier
 * ones nobody serves or needs anything.
 */
export const LEAVING = `SELECT operation, epoch, target, json_group_array(slot) AS slots
  FROM outgoing_moves WHERE step <> 'closed'
  GROUP BY epoch, operation, target ORDER BY epoch DESC`;
