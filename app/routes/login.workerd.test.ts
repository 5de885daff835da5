import { expect, it } from "vitest";
import { headers } from "./login.tsx";

it("A sign-in page that refuses for a while says for how long, as the action does", () => {
  const actionHeaders = new Headers({ "Retry-After": "30" });
  const none = new Headers();
  const given = {
    actionHeaders,
    loaderHeaders: none,
    parentHeaders: none,
    errorHeaders: undefined,
  };
  expect(new Headers(headers(given)).get("Retry-After")).toBe("30");
});
