import type { ReactNode } from "react";
import { Form } from "react-router";
import { Button, LinkButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { Field } from "../ui/field.tsx";

interface FilterFormProps {
  /** The page that the form belongs to; without a search it shows everything. */
  action: string;
  /** What is filtered by; empty: nothing is. */
  told: string;
  open: boolean;
  mayClear: boolean;
  className: string;
  children: ReactNode;
}

/**
 * A GET form behind one line: what it finds has an address that can be sent to somebody. The URL
 * fills the fields, so a caller gives it another `key` for another URL.
 */
export function FilterForm(props: FilterFormProps) {
  const { action, told, open, mayClear, className, children } = props;
  return (
    <Disclosure
      look="bar"
      open={open}
      className="rounded-md border border-line bg-raised"
      summary={
        <span className="min-w-0">
          Filter{told !== "" && <span className="font-normal text-muted">: {told}</span>}
        </span>
      }
    >
      <Form
        method="get"
        action={action}
        className={cx("grid grid-cols-1 gap-3 border-t border-line p-3 sm:grid-cols-2", className)}
      >
        {children}
        <div className="col-span-full flex flex-wrap gap-2">
          <Button tone="accent" icon="search">
            Show
          </Button>
          {mayClear && (
            <LinkButton to={action} tone="quiet">
              Clear
            </LinkButton>
          )}
        </div>
      </Form>
    </Disclosure>
  );
}

interface PeriodFieldsProps {
  filters: { from: string; to: string };
  errors: { from?: string; to?: string };
  /** Of the fields, in seconds; by itself a browser's is a minute. */
  step?: number;
}

/** From when until when. A moment that is none cannot stand in its field. */
export function PeriodFields({ filters, errors, step }: PeriodFieldsProps) {
  return (
    <>
      <Field
        label="From (UTC)"
        name="from"
        type="datetime-local"
        step={step}
        defaultValue={errors.from === undefined ? filters.from : ""}
        error={errors.from}
      />
      <Field
        label="Until (UTC)"
        name="to"
        type="datetime-local"
        step={step}
        defaultValue={errors.to === undefined ? filters.to : ""}
        error={errors.to}
      />
    </>
  );
}
