import { type ComponentProps, type ReactNode, useId } from "react";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

const BOX = cx(
  "min-h-11 w-full min-w-0 rounded-md border border-line-strong bg-raised px-3",
  // 16 px on a phone: iOS zooms into anything smaller.
  "text-lg text-text placeholder:text-muted sm:text-base",
  "aria-invalid:border-danger aria-invalid:bg-danger-soft",
);

interface FieldShell {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong and how to put it right; shown beside the field and read with it. */
  error?: string | undefined;
  className?: string;
}

/** For names and keys, which are taken to the letter: no keyboard may improve them. */
export const VERBATIM = { autoCapitalize: "none", autoComplete: "off", spellCheck: false } as const;

export type FieldProps = FieldShell & Omit<ComponentProps<"input">, "className">;

/** A text input with its label, hint and error. */
export function Field({ label, hint, error, className, ...input }: FieldProps) {
  const ids = useFieldIds(input.id, hint, error);
  return (
    <FieldFrame {...{ label, hint, error, className, ids }}>
      <input {...input} {...ids.control} className={BOX} />
    </FieldFrame>
  );
}

/** Why something is done: every act of an operator asks for it. At most 500 characters are kept. */
export function ReasonField(field: Pick<FieldProps, "defaultValue" | "error">) {
  return (
    <Field
      label="Reason"
      name="reason"
      required
      maxLength={500}
      autoComplete="off"
      hint="Goes into the audit trail with your name."
      {...field}
    />
  );
}

/** Asks for the name of what an act cannot bring back, so that nobody acts on something else. */
export function ConfirmField({
  name,
  ...field
}: { name: string } & Pick<FieldProps, "defaultValue" | "error">) {
  return (
    <Field label={`Type ${name} to confirm`} name="confirm" required {...VERBATIM} {...field} />
  );
}

export type SelectProps = FieldShell & Omit<ComponentProps<"select">, "className">;

/** A native select; its children are `<option>`s. */
export function Select({ label, hint, error, className, children, ...select }: SelectProps) {
  const ids = useFieldIds(select.id, hint, error);
  return (
    <FieldFrame {...{ label, hint, error, className, ids }}>
      <select {...select} {...ids.control} className={BOX}>
        {children}
      </select>
    </FieldFrame>
  );
}

export type TextAreaProps = FieldShell & Omit<ComponentProps<"textarea">, "className">;

export function TextArea({ label, hint, error, className, ...area }: TextAreaProps) {
  const ids = useFieldIds(area.id, hint, error);
  return (
    <FieldFrame {...{ label, hint, error, className, ids }}>
      <textarea rows={3} {...area} {...ids.control} className={cx(BOX, "py-2")} />
    </FieldFrame>
  );
}

export type CheckboxProps = Omit<FieldShell, "className"> &
  Omit<ComponentProps<"input">, "type" | "className">;

/** A checkbox whose whole line is the target. */
export function Checkbox({ label, hint, error, ...input }: CheckboxProps) {
  const ids = useFieldIds(input.id, hint, error);
  return (
    <div>
      <label className="flex min-h-11 items-center gap-3">
        <input {...input} {...ids.control} type="checkbox" className="size-5 shrink-0" />
        <span>{label}</span>
      </label>
      <Messages hint={hint} error={error} ids={ids} />
    </div>
  );
}

interface FieldIds {
  hint: string;
  error: string;
  control: { id: string; "aria-describedby"?: string; "aria-invalid"?: true };
}

function useFieldIds(given: string | undefined, hint: ReactNode, error?: string): FieldIds {
  const generated = useId();
  const id = given ?? generated;
  const ids = { hint: `${id}-hint`, error: `${id}-error` };
  const described = [error && ids.error, hint && ids.hint].filter(Boolean).join(" ");
  return {
    ...ids,
    control: {
      id,
      ...(described && { "aria-describedby": described }),
      ...(error && { "aria-invalid": true as const }),
    },
  };
}

type FrameProps = FieldShell & { ids: FieldIds; children: ReactNode };

function FieldFrame({ label, hint, error, className, ids, children }: FrameProps) {
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={ids.control.id} className="text-sm font-medium">
        {label}
      </label>
      {children}
      <Messages hint={hint} error={error} ids={ids} />
    </div>
  );
}

function Messages({ hint, error, ids }: Pick<FrameProps, "hint" | "error" | "ids">) {
  return (
    <>
      {error && (
        <p id={ids.error} className="flex gap-1.5 text-sm text-danger">
          <Icon name="alert" className="mt-0.5" />
          {error}
        </p>
      )}
      {hint && (
        <p id={ids.hint} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </>
  );
}
