import { expect, it } from "vitest";
import { readFormFields } from "./form-fields.server.ts";

const post = (body: BodyInit, headers: HeadersInit = {}) =>
  readFormFields(new Request("https://x.test/", { method: "POST", body, headers }));

it("reads a form's text fields, however the browser has encoded them", async () => {
  expect(await post(new URLSearchParams({ a: "1", b: "ü" }))).toEqual({ a: "1", b: "ü" });
  const form = new FormData();
  form.set("a", "1");
  form.set("file", new Blob(["x"]), "x.txt");
  expect(await post(form)).toEqual({ a: "1" });
});

it("answers null, and never throws, for what is no form or far too long", async () => {
  expect(await post("{}", { "Content-Type": "application/json" })).toBeNull();
  expect(await post("a=1", { "Content-Type": "multipart/form-data; boundary=x" })).toBeNull();
  expect(await post(new URLSearchParams({ a: "x".repeat(70_000) }))).toBeNull();
});
