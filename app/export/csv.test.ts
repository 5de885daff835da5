import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { csvLine } from "./csv.ts";

describe("a line of CSV", () => {
  it("reads back as it was written, whatever the text holds", () => {
    const texts = ['a "quoted" word', "one, two", "two\nlines", "ключ 🔑", "", " spaces "];
    expect(parse(csvLine([...texts, 42]))).toEqual([[...texts, "42"]]);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])(
    "keeps a spreadsheet from running %j",
    (text) => {
      expect(parse(csvLine([text]))).toEqual([[`'${text}`]]);
    },
  );

  it("holds an object as its JSON, and nothing where there is nothing", () => {
    expect(csvLine([{ epoch: 2 }, null])).toBe('"{""epoch"":2}",\r\n');
  });

  it("leaves numbers bare and other texts as they are", () => {
    expect(csvLine(["user:1=2", 7])).toBe('"user:1=2",7\r\n');
  });
});
