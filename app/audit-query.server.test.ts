import { describe, expect, it } from "vitest";
import { auditHref, readAuditQuery } from "./audit-query.server.ts";

const read = (search: string) => readAuditQuery(new URL(`https://x.test/audit${search}`));

describe("the audit page's address", () => {
  it("asks for everything when it says nothing, or only empty fields", () => {
    expect(read("")).toMatchObject({ kind: "query", query: {} });
    expect(read("?action=&actor=&from=&to=&outcome=&subject=")).toMatchObject({ query: {} });
  });

  it("takes times as UTC", () => {
    const answer = read("?from=2026-11-23T02:40&to=2026-11-23T02:41:30");
    expect(answer).toMatchObject({
      query: { fromMs: Date.UTC(2026, 10, 23, 2, 40), toMs: Date.UTC(2026, 10, 23, 2, 41, 30) },
    });
  });

  it("hands every filter on", () => {
    const answer = read("?action=shard.&actor=ada&subject=alpha&outcome=refused&before=12.abc");
    expect(answer).toEqual({
      kind: "query",
      filters: {
        action: "shard.",
        actor: "ada",
        subject: "alpha",
        outcome: "refused",
        from: "",
        to: "",
      },
      query: {
        action: "shard.",
        actorName: "ada",
        subject: "alpha",
        outcome: "refused",
        before: { atMs: 12, id: "abc" },
      },
    });
  });

  it.each([
    ["?outcome=maybe", "outcome"],
    ["?from=yesterday", "from"],
    ["?to=2026-13-41T00:00", "to"],
    ["?from=2026-11-23T02:40&to=2026-11-23T02:40", "to"],
    ["?before=%00", "before"],
    [`?actor=${"a".repeat(201)}`, "actor"],
  ])("says beside the field what is wrong with %s", (search, field) => {
    const answer = read(search);
    expect(answer.kind).toBe("bad");
    expect(answer).toHaveProperty(`errors.${field}`, expect.stringMatching(/\.$/));
  });

  it("keeps the filters on the way to another page", () => {
    const { filters } = read("?action=shard.&outcome=done");
    expect(auditHref(filters, "12.abc")).toBe("/audit?action=shard.&outcome=done&before=12.abc");
    expect(auditHref(filters, null)).toBe("/audit?action=shard.&outcome=done");
    expect(auditHref(read("").filters, null)).toBe("/audit");
  });
});
