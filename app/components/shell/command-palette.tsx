/* oxlint-disable jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-element-to-interactive-role
   -- the combobox pattern of https://www.w3.org/WAI/ARIA/apg/patterns/combobox/ */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useFetcher, useNavigate } from "react-router";
import type { Role } from "../../../workers/contracts.ts";
import type { RegistryAnswer } from "../../ask-registry.server.ts";
import type { Destinations } from "../../routes/palette.ts";
import { operationName } from "../plans/plan-words.ts";
import { cx } from "../ui/cx.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { PAGES } from "./navigation.tsx";

interface Command {
  name: string;
  group: "Page" | "Action" | "Shard" | "Operation";
  to: string;
  icon: IconName;
}

interface PaletteProps {
  open: boolean;
  onClose: () => void;
  role: Role;
}

/** Before the server has answered, and where the registry does not: pages and actions alone. */
const NONE_KNOWN: Destinations = { shards: [], operations: [] };

/** Rows that are drawn; with hundreds of shards, typing narrows them down. */
const ROWS_MAX = 50;

export function CommandPalette({ open, onClose, role }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { load, data } = useFetcher<RegistryAnswer<Destinations>>();
  useEffect(() => {
    if (!open || dialog.current?.open !== false) return;
    dialog.current.showModal();
    void load("/palette");
  }, [open, load]);
  return (
    <dialog
      ref={dialog}
      aria-label="Go to a page, a shard or an action"
      onClose={onClose}
      closedby="any"
      className={
        "mt-[12dvh] w-[min(34rem,calc(100vw-1.5rem))] rounded-md border border-line bg-raised p-0" +
        " shadow-overlay"
      }
    >
      {open && (
        <CommandList
          commands={commandsFor(role, data?.kind === "answered" ? data.value : NONE_KNOWN)}
          registrySilent={data?.kind === "failed"}
          close={() => dialog.current?.close()}
        />
      )}
    </dialog>
  );
}

interface ListProps {
  commands: Command[];
  registrySilent: boolean;
  close: () => void;
}

function CommandList({ commands, registrySilent, close }: ListProps) {
  const navigate = useNavigate();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const listId = useId();
  const found = commands
    .filter((command) => matches(command, query))
    .toSorted((a, b) => Number(isNamed(b, query)) - Number(isNamed(a, query)))
    .slice(0, ROWS_MAX);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    close();
    void navigate(command.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0 && event.key !== "Enter") return;
    // Closing gives the focus back at once: the same Enter would then send the form that is there.
    event.preventDefault();
    if (step === 0) run(found[active]);
    else if (found.length > 0) setActive((active + step + found.length) % found.length);
  };
  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Icon name="search" className="text-muted" />
        <input
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog moves the focus inside.
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? `${listId}-${active}` : undefined}
          aria-label="Page, shard or action"
          placeholder="Page, shard or action"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="min-h-12 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        <button type="button" onClick={close} className="min-h-11 px-2 text-sm text-muted">
          Close
        </button>
      </div>
      <ul id={listId} role="listbox" aria-label="Results" className="max-h-80 overflow-y-auto p-1">
        {found.map((command, index) => (
          <Option
            key={command.to + command.name}
            id={`${listId}-${index}`}
            command={command}
            active={index === active}
            onRun={() => run(command)}
          />
        ))}
      </ul>
      {found.length === 0 && <p className="px-3 pb-3 text-muted">Nothing has that name.</p>}
      {registrySilent && (
        <p role="status" className="px-3 pb-3 text-warn">
          The registry does not answer: shards and operations are missing here.
        </p>
      )}
    </>
  );
}

interface OptionProps {
  id: string;
  command: Command;
  active: boolean;
  onRun: () => void;
}

function Option({ id, command, active, onRun }: OptionProps) {
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the input has the keys.
    <li
      ref={ref}
      id={id}
      role="option"
      aria-selected={active}
      onClick={onRun}
      className={cx(
        "flex min-h-11 cursor-pointer items-center gap-2.5 rounded-sm px-2",
        active ? "bg-accent-soft text-accent" : "hover:bg-sunken",
      )}
    >
      <Icon name={command.icon} />
      <span className="min-w-0 flex-1 truncate">{command.name}</span>
      <span className="text-xs text-muted">{command.group}</span>
    </li>
  );
}

/** The thing itself stands before all that is about it. */
function isNamed({ name }: Command, query: string): boolean {
  return name.toLowerCase() === query.trim().toLowerCase();
}

function matches(command: Command, query: string): boolean {
  const text = `${command.name} ${command.group}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function commandsFor(role: Role, { shards, operations }: Destinations): Command[] {
  const pages = PAGES.map(({ to, name, icon }) => ({ to, name, icon, group: "Page" as const }));
  const looks: Command[] = [
    { name: "Errors in the logs", to: "/logs?outcome=rejected", icon: "alert", group: "Action" },
    { name: "Refused attempts", to: "/audit?outcome=refused", icon: "book", group: "Action" },
  ];
  const acts: Command[] = [
    { name: "Register shards", to: "/shards/register", icon: "plus", group: "Action" },
    { name: "Rebalance shards", to: "/operations/rebalance", icon: "move", group: "Action" },
    { name: "Isolate or reset a breaker", to: "/breakers", icon: "breaker", group: "Action" },
  ];
  const drains = shards
    .filter(({ state }) => state === "active")
    .map(({ name }): Command => {
      return { name: `Drain ${name}`, to: `/shards/${name}/drain`, icon: "move", group: "Action" };
    });
  return [
    ...pages,
    ...operations.filter(({ state }) => state === "running" || state === "paused").map(toCommand),
    ...(role === "viewer" ? looks : [...acts, ...looks]),
    ...shards.map(({ name }): Command => {
      return { name, to: `/shards/${name}`, icon: "shards", group: "Shard" };
    }),
    ...(role === "viewer" ? [] : drains),
    ...operations.filter(({ state }) => state === "done" || state === "cancelled").map(toCommand),
  ];
}

function toCommand(operation: Destinations["operations"][number]): Command {
  const name = `${operationName(operation)} (${operation.state})`;
  return { name, to: `/operations/${operation.id}`, icon: "move", group: "Operation" };
}
