import { expect, it } from "vitest";
import { Values } from "./values.ts";

it("gives every value of a key a length of its own, and knows it again", () => {
  const values = new Values("s1");
  const written = Array.from({ length: 300 }, () => values.next("t:k"));
  expect(new Set(written.map(({ body }) => body.length)).size).toBe(300);
  for (const { name, body } of written) {
    expect(values.nameOf(body)).toBe(name);
    expect(values.bytesOf(name)).toBe(body.length);
  }
});

it("takes a body that was cut, mixed or made up for a value that nobody wrote", () => {
  const values = new Values("s1");
  const { body } = values.next("t:k");
  for (const wrong of [body.slice(0, -1), `${body}x`, body.replace("x", "y"), "", "s9.1|"]) {
    expect(values.nameOf(wrong)).toContain("damaged");
  }
});
