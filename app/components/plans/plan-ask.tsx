import type { ReactNode } from "react";
import type { PlanFailure } from "../../plan.server.ts";
import { Panel } from "../ui/panel.tsx";
import { PlanForm } from "./plan-form.tsx";

interface PlanAskProps {
  /** Where the form goes. */
  action: string;
  back: string;
  failure: PlanFailure | undefined;
  button: string;
  drastic?: boolean;
  /** What it does, in a few sentences. */
  children: ReactNode;
}

/** The step before a preview, where nothing needs to be filled in: what it does, and the button. */
export function PlanAsk({ drastic = false, children, ...form }: PlanAskProps) {
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <PlanForm {...form}>
        <Panel title="What it does" className={drastic ? "border-danger/40" : undefined}>
          <p className="max-w-prose">{children}</p>
        </Panel>
      </PlanForm>
    </div>
  );
}
