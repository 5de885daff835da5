import { NavLink } from "react-router";
import { cx } from "../ui/cx.ts";
import { Icon, type IconName } from "../ui/icon.tsx";

export const PAGES = [
  { to: "/", name: "Overview", icon: "gauge" },
  { to: "/shards", name: "Shards", icon: "shards" },
  { to: "/operations", name: "Operations", icon: "move" },
  { to: "/logs", name: "Logs", icon: "list" },
  { to: "/breakers", name: "Breakers", icon: "breaker" },
  { to: "/audit", name: "Audit", icon: "book" },
] as const satisfies readonly { to: string; name: string; icon: IconName }[];

export function Navigation() {
  return (
    <nav
      aria-label="Pages"
      className={
        "fixed inset-x-0 bottom-0 z-20 border-t border-line bg-raised" +
        " pb-[env(safe-area-inset-bottom)] lg:static lg:flex-1 lg:border-0 lg:py-2"
      }
    >
      {/* Six words side by side fit into 320 px only if each takes what it needs. */}
      <ul className="flex lg:flex-col lg:gap-0.5">
        {PAGES.map(({ to, name, icon }) => (
          <li key={to} className="min-w-11 flex-auto lg:flex-none">
            <NavLink to={to} end={to === "/"} prefetch="intent" className={linkClass}>
              <Icon name={icon} className="size-5 lg:size-4" />
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function linkClass({ isActive }: { isActive: boolean }): string {
  return cx(
    "flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium",
    "-outline-offset-2 lg:min-h-10 lg:flex-row lg:justify-start lg:gap-2.5 lg:rounded-md lg:px-2",
    "lg:text-base",
    isActive ? "text-accent lg:bg-accent-soft" : "text-muted hover:text-text lg:hover:bg-sunken",
  );
}
