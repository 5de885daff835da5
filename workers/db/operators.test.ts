import { describe, expect, it } from "vitest";
import {
  changeOperator,
  countOperators,
  createOperator,
  findOperator,
  findOperatorByEmail,
  listOperators,
} from "./operators.ts";
import {
  deleteSavedView,
  listSavedViews,
  SAVED_VIEWS_PER_PAGE_MAX,
  saveView,
} from "./saved-views.ts";
import { testDatabase, valueOf } from "./testing.ts";

const db = testDatabase();

async function newOperatorId(email: string): Promise<string> {
  const operator = { email, passwordHash: null, role: "viewer" as const };
  const answer = await valueOf(createOperator(db(), operator));
  if (answer.kind !== "created") throw new Error(answer.kind);
  return answer.operator.id;
}

const viewOf = (operatorId: string, name: string, searchParams = "type=a") => ({
  operatorId,
  page: "/logs",
  name,
  searchParams,
});

describe("operators", () => {
  it("are found by their address however it is written, and by id", async () => {
    const id = await newOperatorId(" Ada@Example.COM ");
    const found = await valueOf(findOperatorByEmail(db(), "ADA@example.com"));
    expect(found).toMatchObject({ id, email: "ada@example.com", role: "viewer" });
    expect(await valueOf(findOperator(db(), id))).toEqual(found);
    expect(await valueOf(listOperators(db()))).toEqual([found]);
    expect(await valueOf(countOperators(db()))).toBe(1);
  });

  it("share no address", async () => {
    await newOperatorId("bob@example.com");
    const again = { email: "BOB@example.com", passwordHash: "x", role: "admin" as const };
    expect(await valueOf(createOperator(db(), again))).toEqual({ kind: "email-taken" });
  });

  it("change in what is asked for alone", async () => {
    const id = await newOperatorId("carol@example.com");
    const disabledAtMs = 1_767_323_045_678;
    const disabled = await valueOf(changeOperator(db(), id, { disabledAtMs }));
    expect(disabled).toMatchObject({ role: "viewer", disabledAtMs });
    const enabled = await valueOf(changeOperator(db(), id, { disabledAtMs: null, role: "admin" }));
    expect(enabled).toMatchObject({ role: "admin", disabledAtMs: null, passwordHash: null });
    expect(await valueOf(changeOperator(db(), id, {}))).toEqual(enabled);
  });

  it("that do not exist are null, not an error", async () => {
    const nobody = "00000000-0000-4000-8000-000000000000";
    expect(await valueOf(findOperator(db(), nobody))).toBeNull();
    expect(await valueOf(findOperatorByEmail(db(), "nobody@example.com"))).toBeNull();
    expect(await valueOf(changeOperator(db(), nobody, { role: "admin" }))).toBeNull();
  });
});

describe("saved views", () => {
  it("are kept by name, replaced under the same name, and belong to their operator", async () => {
    const [mine, theirs] = [
      await newOperatorId("m@example.com"),
      await newOperatorId("t@example.com"),
    ];
    await valueOf(saveView(db(), viewOf(mine, "slow")));
    await valueOf(saveView(db(), viewOf(mine, "slow", "type=b")));
    await valueOf(saveView(db(), viewOf(theirs, "slow", "type=c")));
    const views = await valueOf(listSavedViews(db(), mine, "/logs"));
    expect(views).toMatchObject([{ name: "slow", page: "/logs", searchParams: "type=b" }]);
    const id = views[0]?.id ?? "";
    expect(await valueOf(deleteSavedView(db(), theirs, id))).toBe(false);
    expect(await valueOf(deleteSavedView(db(), mine, id))).toBe(true);
    expect(await valueOf(listSavedViews(db(), mine, "/logs"))).toEqual([]);
  });

  it("are as many as a menu can show; one of them can still be replaced", async () => {
    const id = await newOperatorId("many@example.com");
    for (let n = 0; n < SAVED_VIEWS_PER_PAGE_MAX; n += 1) {
      await valueOf(saveView(db(), viewOf(id, `view ${n}`)));
    }
    expect(await valueOf(saveView(db(), viewOf(id, "one more")))).toEqual({ kind: "too-many" });
    expect(await valueOf(saveView(db(), viewOf(id, "view 0", "x=1")))).toMatchObject({
      kind: "saved",
    });
  });
});
