import { asc, count, eq } from "drizzle-orm";
import type { Role } from "../contracts.ts";
import { ask, type DbAnswer, violatedUniqueConstraint } from "./answer.ts";
import type { Db } from "./get-db.ts";
import { operators } from "./schema.ts";

export interface Operator {
  id: string;
  email: string;
  /** Null: signs in through Cloudflare Access alone. */
  passwordHash: string | null;
  role: Role;
  createdAtMs: number;
  disabledAtMs: number | null;
}

export interface NewOperator {
  email: string;
  passwordHash: string | null;
  role: Role;
}

/** What an operator's page may change of one. */
export interface OperatorChange {
  role?: Role;
  passwordHash?: string | null;
  disabledAtMs?: number | null;
}

export type CreateOperatorAnswer =
  | { kind: "created"; operator: Operator }
  | { kind: "email-taken" };

/** Operators that one page lists. A team that runs a cache is far smaller. */
const OPERATORS_LISTED_MAX = 1_000;

/** The form in which addresses are kept and compared. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Null: nobody has that address. Disabled operators are found too; look at `disabledAtMs`. */
export function findOperatorByEmail(db: Db, email: string): Promise<DbAnswer<Operator | null>> {
  return ask(async () => {
    const wanted = eq(operators.email, normalizeEmail(email));
    const [row] = await db.select().from(operators).where(wanted).limit(1);
    return row === undefined ? null : operatorFrom(row);
  });
}

/** Null: there is none. `id` must be a UUID. */
export function findOperator(db: Db, id: string): Promise<DbAnswer<Operator | null>> {
  return ask(async () => {
    const [row] = await db.select().from(operators).where(eq(operators.id, id)).limit(1);
    return row === undefined ? null : operatorFrom(row);
  });
}

/** By address; at most 1,000. */
export function listOperators(db: Db): Promise<DbAnswer<Operator[]>> {
  return ask(async () => {
    const rows = await db
      .select()
      .from(operators)
      .orderBy(asc(operators.email))
      .limit(OPERATORS_LISTED_MAX);
    return rows.map(operatorFrom);
  });
}

/** All of them, disabled ones too: zero means that nobody was ever made. */
export function countOperators(db: Db): Promise<DbAnswer<number>> {
  return ask(async () => {
    const [row] = await db.select({ all: count() }).from(operators);
    return row?.all ?? 0;
  });
}

export function createOperator(
  db: Db,
  operator: NewOperator,
): Promise<DbAnswer<CreateOperatorAnswer>> {
  return ask(async () => {
    const values = { ...operator, email: normalizeEmail(operator.email) };
    try {
      const [row] = await db.insert(operators).values(values).returning();
      if (row === undefined) throw new Error("An insert has returned no row.");
      return { kind: "created", operator: operatorFrom(row) };
    } catch (error) {
      if (violatedUniqueConstraint(error) === null) throw error;
      return { kind: "email-taken" };
    }
  });
}

/** The operator after the change; null: there is none with that id. `id` must be a UUID. */
export function changeOperator(
  db: Db,
  id: string,
  change: OperatorChange,
): Promise<DbAnswer<Operator | null>> {
  const columns = columnsFrom(change);
  if (Object.keys(columns).length === 0) return findOperator(db, id);
  return ask(async () => {
    const [row] = await db.update(operators).set(columns).where(eq(operators.id, id)).returning();
    return row === undefined ? null : operatorFrom(row);
  });
}

function columnsFrom(change: OperatorChange) {
  const { role, passwordHash, disabledAtMs } = change;
  return {
    ...(role === undefined ? {} : { role }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
    ...(disabledAtMs === undefined
      ? {}
      : { disabledAt: disabledAtMs === null ? null : new Date(disabledAtMs) }),
  };
}

function operatorFrom(row: typeof operators.$inferSelect): Operator {
  const { createdAt, disabledAt, ...operator } = row;
  return {
    ...operator,
    createdAtMs: createdAt.getTime(),
    disabledAtMs: disabledAt === null ? null : disabledAt.getTime(),
  };
}
