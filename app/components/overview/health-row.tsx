import type { ReactNode } from "react";
import { LinkButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import type { IconName } from "../ui/icon.tsx";
import { Status, type Tone } from "../ui/status.tsx";

interface HealthRowProps {
  about: ReactNode;
  tone: Tone;
  icon?: IconName;
  children: ReactNode;
  /** The page where something can be done about it. */
  action?: { to: string; name: string };
}

/** One line: what it is about, how it is, and the way there. */
export function HealthRow({ about, tone, icon, children, action }: HealthRowProps) {
  const loud = tone === "danger" || tone === "warn";
  return (
    <li
      className={cx(
        "flex min-h-10 flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2",
        tone === "danger" && "bg-danger-soft",
        tone === "warn" && "bg-warn-soft",
      )}
    >
      <span className="flex w-full shrink-0 sm:w-24">
        <Status tone={tone} icon={icon}>
          {about}
        </Status>
      </span>
      <div className={cx("min-w-0 flex-1 basis-60", loud ? "text-text" : "text-muted")}>
        {children}
      </div>
      {action && (
        <LinkButton to={action.to} icon="arrowRight">
          {action.name}
        </LinkButton>
      )}
    </li>
  );
}
