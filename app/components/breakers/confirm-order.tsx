import type { BreakerLine } from "../../routes/breakers.server.ts";
import type { OrderFailure } from "../../routes/breakers-order.server.ts";
import type { LiveForm } from "../../use-live-form.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { ReasonField, Select } from "../ui/field.tsx";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Notice } from "../ui/status.tsx";
import { Count, Share } from "../ui/values.tsx";
import type { OrderingRight } from "./breaker-panel.tsx";
import { arithmeticOf } from "./judgement.ts";
import { STATES } from "./states.ts";
import { EXPIRIES, EXPIRY_NAMES, type OrderAction, ORDER_TEXTS } from "./orders.ts";

interface ConfirmOrderProps {
  breaker: BreakerLine;
  order: OrderAction;
  form: LiveForm<OrderFailure>;
  right: OrderingRight;
}

/** The step before an order: what it does, for how long, and how it is taken back. */
export function ConfirmOrder({ breaker, order, form, right }: ConfirmOrderProps) {
  const { shard, state, slots, slotsShare } = breaker;
  const { verb, effects, undo } = ORDER_TEXTS[order];
  return (
    <Panel
      title={<span data-focus-here>{`${verb} ${shard}?`}</span>}
      className="border-line-strong"
    >
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <Facts
          items={[
            [
              "Now",
              <span key="now">
                {STATES[state].word}; {arithmeticOf(breaker).sum}
              </span>,
            ],
            [
              "Then",
              <ul key="then" className="flex list-disc flex-col gap-1 pl-4">
                {effects.map((effect) => (
                  <li key={effect}>{effect}</li>
                ))}
              </ul>,
            ],
            [
              "Concerns",
              <span key="slots">
                <Count value={slots} /> slots, <Share part={slotsShare} whole={1} /> of all keys.
                Other shards are not touched.
              </span>,
            ],
            ["To undo", undo],
          ]}
        />
        {right.mayOrder ? (
          <OrderForm shard={shard} order={order} form={form} />
        ) : (
          <Notice tone="warn" title={right.why}>
            Ask somebody who may, or look on.
          </Notice>
        )}
      </div>
    </Panel>
  );
}

interface OrderFormProps {
  shard: string;
  order: OrderAction;
  form: LiveForm<OrderFailure>;
}

function OrderForm({ shard, order, form }: OrderFormProps) {
  const { Form, answer: failure, sent } = form;
  const { verb, tone } = ORDER_TEXTS[order];
  return (
    <Form method="post" action="/breakers" className="flex flex-col gap-3" noValidate>
      <input type="hidden" name="shard" value={shard} />
      <input type="hidden" name="order" value={order} />
      <ReasonField defaultValue={failure?.reason} error={failure?.fieldErrors.reason} />
      {order !== "reset" && (
        <Select
          label="For how long"
          name="expiry"
          defaultValue="15m"
          error={failure?.fieldErrors.expiry}
        >
          {EXPIRIES.map((expiry) => (
            <option key={expiry} value={expiry}>
              {EXPIRY_NAMES[expiry]}
            </option>
          ))}
        </Select>
      )}
      <div className="flex flex-wrap gap-2">
        <Button tone={tone} pending={sent !== undefined}>
          {verb} {shard}
        </Button>
        <LinkButton to={`/breakers?shard=${shard}`} tone="quiet">
          Leave it as it is
        </LinkButton>
      </div>
    </Form>
  );
}
