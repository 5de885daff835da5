import type { ComponentProps } from "react";
import { Link } from "react-router";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./icon.tsx";

export type ButtonTone = "accent" | "danger" | "plain" | "quiet";
/** `regular` is 44 px high and is for what acts; `small` is 32 px, 44 under a finger. */
export type ButtonSize = "regular" | "small";

interface Look {
  tone?: ButtonTone;
  size?: ButtonSize;
  icon?: IconName;
}

const TONES: Record<ButtonTone, string> = {
  accent: "border-transparent bg-accent text-on-accent hover:bg-accent-strong",
  danger: "border-transparent bg-danger text-on-accent hover:bg-danger-strong",
  plain: "border-line-strong bg-raised text-text hover:bg-sunken",
  quiet: "border-transparent bg-transparent text-text hover:bg-sunken",
};

const SIZES: Record<ButtonSize, string> = {
  regular: "min-h-11 px-4 text-base",
  small: "min-h-8 px-2.5 text-sm pointer-coarse:min-h-11",
};

function look({ tone = "plain", size = "regular" }: Look, className?: string): string {
  return cx(
    "inline-flex items-center justify-center gap-2 rounded-md border font-medium",
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:opacity-60",
    TONES[tone],
    SIZES[size],
    className,
  );
}

type ButtonProps = ComponentProps<"button"> & Look & { pending?: boolean };

/** Submits its form unless `type` says otherwise. `pending` keeps the focus while it waits. */
export function Button(props: ButtonProps) {
  const { tone, size, icon, pending = false, className, children, type, ...rest } = props;
  return (
    <button
      {...rest}
      // eslint-disable-next-line react/button-has-type -- one of the three, by the caller's choice.
      type={type ?? "submit"}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      className={look({ tone, size }, className)}
    >
      {icon && <Icon name={pending ? "wait" : icon} />}
      {children}
    </button>
  );
}

/** A link that looks like a button, for the next step. */
export function LinkButton(props: ComponentProps<typeof Link> & Look) {
  const { tone, size, icon, className, children, ...rest } = props;
  return (
    <Link {...rest} className={look({ tone, size }, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

/** A link inside text or a table. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      {...rest}
      className={cx("font-medium text-accent underline underline-offset-2", className)}
    />
  );
}
