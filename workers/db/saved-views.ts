import { and, asc, count, eq, sql } from "drizzle-orm";
import { ask, type DbAnswer } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { savedViews } from "./schema.ts";

/** Views that one operator keeps for one page: what still fits a menu. */
export const SAVED_VIEWS_PER_PAGE_MAX = 50;

export interface SavedView {
  id: string;
  /** The page's path, `/logs`. */
  page: string;
  name: string;
  /** Without the leading `?`. */
  searchParams: string;
  createdAtMs: number;
}

export interface NewSavedView {
  operatorId: string;
  page: string;
  name: string;
  searchParams: string;
}

export type SaveViewAnswer = { kind: "saved"; view: SavedView } | { kind: "too-many" };

/** By name. */
export function listSavedViews(
  db: Db,
  operatorId: string,
  page: string,
): Promise<DbAnswer<SavedView[]>> {
  return ask(async () => {
    const rows = await db
      .select()
      .from(savedViews)
      .where(and(eq(savedViews.operatorId, operatorId), eq(savedViews.page, page)))
      .orderBy(asc(savedViews.name))
      .limit(SAVED_VIEWS_PER_PAGE_MAX);
    return rows.map(viewFrom);
  });
}

/**
 * Saves under a name; a view that has the name already is replaced. The bound is checked before,
 * not locked: two tabs may pass it by one, which does no harm.
 */
export function saveView(db: Db, view: NewSavedView): Promise<DbAnswer<SaveViewAnswer>> {
  return ask(async () => {
    const others = and(
      eq(savedViews.operatorId, view.operatorId),
      eq(savedViews.page, view.page),
      sql`${savedViews.name} <> ${view.name}`,
    );
    const [found] = await db.select({ others: count() }).from(savedViews).where(others);
    if ((found?.others ?? 0) >= SAVED_VIEWS_PER_PAGE_MAX) return { kind: "too-many" };
    const [row] = await db
      .insert(savedViews)
      .values(view)
      .onConflictDoUpdate({
        target: [savedViews.operatorId, savedViews.page, savedViews.name],
        set: { searchParams: view.searchParams },
      })
      .returning();
    if (row === undefined) throw new Error("An upsert has returned no row.");
    return { kind: "saved", view: viewFrom(row) };
  });
}

/** Whether there was one of this operator's with that id. Both ids must be UUIDs. */
export function deleteSavedView(
  db: Db,
  operatorId: string,
  id: string,
): Promise<DbAnswer<boolean>> {
  return ask(async () => {
    const mine = and(eq(savedViews.operatorId, operatorId), eq(savedViews.id, id));
    const gone = await db.delete(savedViews).where(mine).returning({ id: savedViews.id });
    return gone.length > 0;
  });
}

function viewFrom(row: typeof savedViews.$inferSelect): SavedView {
  const { createdAt, operatorId: _operatorId, ...view } = row;
  return { ...view, createdAtMs: createdAt.getTime() };
}
