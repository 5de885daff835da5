import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./icon.tsx";

/** `danger` is for what needs a person now, and for nothing else. */
export type Tone = "neutral" | "accent" | "ok" | "warn" | "danger";

const TEXT: Record<Tone, string> = {
  neutral: "text-muted",
  accent: "text-accent",
  ok: "text-ok",
  warn: "text-warn",
  danger: "text-danger",
};

const SOFT: Record<Tone, string> = {
  neutral: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
};

const ICONS: Record<Tone, IconName> = {
  neutral: "info",
  accent: "play",
  ok: "check",
  warn: "alert",
  danger: "alert",
};

/** The words, not the icon, stand on the line of the text around them. */
const ON_THE_LINE = "self-baseline";

interface StatusProps {
  tone: Tone;
  icon?: IconName;
  children: ReactNode;
}

/** An icon and a word in running text; the colour only repeats what the word says. */
export function Status({ tone, icon, children }: StatusProps) {
  return (
    <span className={cx("inline-flex items-center gap-1.5 font-medium", TEXT[tone])}>
      <Icon name={icon ?? ICONS[tone]} />
      <span className={ON_THE_LINE}>{children}</span>
    </span>
  );
}

/** The same on a tinted ground, for tables and titles. */
export function Badge({ tone, icon, children }: StatusProps) {
  return (
    <span
      className={cx(
        "inline-flex items-center gap-1 rounded-sm px-1.5 py-0.5 text-xs font-medium",
        "whitespace-nowrap forced-colors:border",
        SOFT[tone],
      )}
    >
      <Icon name={icon ?? ICONS[tone]} className="size-3.5" />
      <span className={ON_THE_LINE}>{children}</span>
    </span>
  );
}

export type NoticeTone = "info" | "ok" | "warn" | "danger";

const NOTICE: Record<NoticeTone, { box: string; tone: Tone; word: string }> = {
  info: { box: "border-line bg-raised", tone: "accent", word: "Note" },
  ok: { box: "border-ok/40 bg-ok-soft", tone: "ok", word: "Done" },
  warn: { box: "border-warn/40 bg-warn-soft", tone: "warn", word: "Warning" },
  danger: { box: "border-danger/40 bg-danger-soft", tone: "danger", word: "Problem" },
};

interface NoticeProps {
  tone: NoticeTone;
  title: ReactNode;
  children?: ReactNode;
  /** The way out: links or buttons. */
  actions?: ReactNode;
  /** Read out as soon as it appears; for the answer to something the reader just did. */
  announce?: boolean;
}

/** A message that stays: what is so, and what to do about it. */
export function Notice({ tone, title, children, actions, announce = false }: NoticeProps) {
  const { box, tone: colour, word } = NOTICE[tone];
  return (
    <div
      role={announce ? "alert" : undefined}
      className={cx("flex flex-wrap items-start gap-x-4 gap-y-2 rounded-md border p-3", box)}
    >
      <div className="flex min-w-0 flex-1 basis-60 gap-2">
        <Icon
          name={tone === "info" ? "info" : ICONS[colour]}
          className={cx("mt-1", TEXT[colour])}
        />
        <div className="min-w-0">
          <p className="font-medium">
            <span className="sr-only">{word}: </span>
            {title}
          </p>
          {children && <div className="mt-1 text-sm">{children}</div>}
        </div>
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
    </div>
  );
}

interface EmptyProps {
  title: ReactNode;
  children?: ReactNode;
  /** The next step: an empty list is where somebody starts. */
  action?: ReactNode;
  icon?: IconName;
}

export function Empty({ title, children, action, icon = "info" }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center">
      <Icon name={icon} className="size-6 text-muted" />
      <p className="text-lg font-medium">{title}</p>
      {children && <div className="max-w-prose text-muted">{children}</div>}
      {action && (
        <div className="mt-2 flex max-w-full flex-wrap justify-center gap-2">{action}</div>
      )}
    </div>
  );
}
