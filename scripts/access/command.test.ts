import { expect, test } from "vitest";
import { readCommand } from "./command.ts";

const URL = "https://cache.example.com";

test.each([
  [
    ["token", "create", "shop", "--scopes", "read,write", "--rate", "50"],
    { command: "token-create", name: "shop", scopes: ["read", "write"], ratePerSecond: 50 },
  ],
  [
    ["token", "create", "shop", "--scopes", "read"],
    { command: "token-create", name: "shop", scopes: ["read"], ratePerSecond: null },
  ],
  [["token", "list"], { command: "token-list" }],
  [["token", "revoke", "abc"], { command: "token-revoke", id: "abc" }],
  [
    ["operator", "add", "ada@example.com", "--role", "viewer"],
    { command: "operator-add", email: "ada@example.com", role: "viewer" },
  ],
  [
    ["operator", "reset", "ada@example.com"],
    { command: "operator-reset", email: "ada@example.com" },
  ],
])("%j is understood", (args, command) => {
  expect(readCommand(args)).toEqual({ kind: "command", command, url: null });
  expect(readCommand([...args, "--url", URL])).toEqual({ kind: "command", command, url: URL });
});

test.each([
  [[], "Say what to do."],
  [["token"], 'There is no command "token".'],
  [["token", "create"], "Name the token: for whom is it?"],
  [["token", "create", "shop"], "Say what it may do: --scopes read,write."],
  [["token", "create", "shop", "--scopes", "all"], "--scopes is read, write or read,write."],
  [
    ["token", "create", "a", "--scopes", "read", "--rate", "0"],
    "--rate is a whole number from 1 to 1000000.",
  ],
  [["token", "list", "all"], '"all" is too much.'],
  [["token", "list", "--role", "admin"], '"token list" takes no --role.'],
  [["token", "revoke"], "Say which token: its ID, as `token list` shows it."],
  [["operator", "add", "a@b.example"], "Say what they may do: --role viewer, operator or admin."],
  [["operator", "add", "a@b.example", "--role", "root"], "--role is viewer, operator or admin."],
  [["operator", "reset"], "Say who: an e-mail address."],
  [["operator", "reset", "a", "b"], '"b" is too much.'],
])("%j is refused with a sentence", (args, message) => {
  expect(readCommand(args)).toEqual({ kind: "refused", message });
});
