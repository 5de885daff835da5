import { expect, it } from "vitest";
import { nextCommand } from "./next-command.ts";

it("is the bare command where nothing is set", () => {
  expect(nextCommand("/repo/", "/repo", {})).toBe("npm run traffic");
});

it("repeats what was set, and the folder where it is another", () => {
  const environment = { PORT: "5190", CEPATEDGE_STATE_DIR: "/a folder/it's" };
  expect(nextCommand("/repo/", "/home", environment)).toBe(
    "cd /repo/ && PORT=5190 CEPATEDGE_STATE_DIR='/a folder/it'\\''s' npm run traffic",
  );
});
