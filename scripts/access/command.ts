import { z } from "zod";
import { DEFAULT_URL, httpUrl, readFlags, wholeNumber } from "../load/flags.ts";

export const HELP = `npm run access -- COMMAND

Tokens of the data API and operators of the dashboard. What is made is shown once.

  token create NAME --scopes read,write [--rate N]   N calls a second; unlimited without
  token list
  token revoke ID                                    stops at once, everywhere
  operator add EMAIL --role viewer|operator|admin
  operator reset EMAIL                               a new password for a lost one

  --url URL   a deployment, with its BOOTSTRAP_SECRET in the environment;
              without it, what npm run dev has started here (${DEFAULT_URL})`;

/** The body that the door at /access takes. */
export type Command =
  | {
      command: "token-create";
      name: string;
      scopes: string[];
      ratePerSecond: number | null;
    }
  | { command: "token-list" }
  | { command: "token-revoke"; id: string }
  | { command: "operator-add"; email: string; role: string }
  | { command: "operator-reset"; email: string };

export type CommandAnswer =
  /** `url` null: what `npm run dev` has started. */
  | { kind: "command"; command: Command; url: string | null }
  | { kind: "help" }
  | { kind: "refused"; message: string };

const RATE_MAX = 1_000_000;

const OPTIONS = {
  url: { type: "string" },
  scopes: { type: "string" },
  rate: { type: "string" },
  role: { type: "string" },
} as const;

const schema = z.object({
  url: httpUrl("url").optional(),
  scopes: z
    .string()
    .regex(/^(read|write)(,(read|write))?$/, "--scopes is read, write or read,write.")
    .transform((text) => text.split(","))
    .optional(),
  rate: wholeNumber("rate", 1, RATE_MAX).optional(),
  role: z.enum(["viewer", "operator", "admin"], "--role is viewer, operator or admin.").optional(),
});

type Given = z.infer<typeof schema>;

/** Which flags each command takes, beside --url. */
const FLAGS_OF: Record<string, (keyof Given)[]> = {
  "token create": ["scopes", "rate"],
  "operator add": ["role"],
};

export function readCommand(args: string[]): CommandAnswer {
  const read = readFlags(args, OPTIONS, schema);
  if (read.kind !== "flags") return read;
  const { flags, positionals } = read;
  const [what = "", deed = "", subject, ...stray] = positionals;
  const name = `${what} ${deed}`.trim();
  if (name === "") return refused("Say what to do.");
  if (stray.length > 0) return refused(`"${stray.join(" ")}" is too much.`);
  const taken = ["url", ...(FLAGS_OF[name] ?? [])];
  const other = Object.keys(flags).find((flag) => !taken.includes(flag));
  if (other !== undefined) return refused(`"${name}" takes no --${other}.`);
  const command = commandFrom(name, subject, flags);
  if (typeof command === "string") return refused(command);
  return { kind: "command", command, url: flags.url ?? null };
}

/** A sentence says what is wrong. */
function commandFrom(
  name: string,
  subject: string | undefined,
  { scopes, rate, role }: Given,
): Command | string {
  if (name === "token list") {
    return subject === undefined ? { command: "token-list" } : `"${subject}" is too much.`;
  }
  switch (name) {
    case "token create":
      if (subject === undefined) return "Name the token: for whom is it?";
      if (scopes === undefined) return "Say what it may do: --scopes read,write.";
      return { command: "token-create", name: subject, scopes, ratePerSecond: rate ?? null };
    case "token revoke":
      return subject === undefined
        ? "Say which token: its ID, as `token list` shows it."
        : { command: "token-revoke", id: subject };
    case "operator add":
      if (subject === undefined) return "Say who: an e-mail address.";
      if (role === undefined) return "Say what they may do: --role viewer, operator or admin.";
      return { command: "operator-add", email: subject, role };
    case "operator reset":
      return subject === undefined
        ? "Say who: an e-mail address."
        : { command: "operator-reset", email: subject };
    default:
      return `There is no command "${name}".`;
  }
}

function refused(message: string): CommandAnswer {
  return { kind: "refused", message };
}
