import type { BreakerLine, BreakersPage } from "../../routes/breakers.server.ts";
import type { BreakersQuery, OrderFailure } from "../../routes/breakers-order.server.ts";
import type { LiveForm } from "../../use-live-form.ts";
import { LinkButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { counted } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Empty, Notice } from "../ui/status.tsx";
import { BreakerPanel, type OrderingRight } from "./breaker-panel.tsx";
import { BreakersTable } from "./breakers-table.tsx";
import { ConfirmOrder } from "./confirm-order.tsx";
import { arithmeticOf } from "./judgement.ts";
import { OrderDone } from "./order-done.tsx";

/** Breakers drawn whole; should more of them be open at once, the rest stay rows of the table. */
const PANELS_MAX = 6;

interface BreakersListProps {
  page: BreakersPage;
  asked: BreakersQuery;
  form: LiveForm<OrderFailure>;
  right: OrderingRight;
  mayRegister: boolean;
}

/** What was asked for, then what needs a person, then all the others. */
export function BreakersList({ page, asked, form, right, mayRegister }: BreakersListProps) {
  const failure = form.answer;
  const { breakers, nowMs } = page;
  if (breakers.length === 0) return <NoBreakers mayRegister={mayRegister} />;
  const chosenName = failure?.shard || asked.shard;
  const chosen = breakers.find(({ shard }) => shard === chosenName) ?? null;
  const order = failure?.order ?? asked.order;
  const sick = breakers.filter((breaker) => breaker.state !== "closed" && breaker !== chosen);
  const drawn = sick.slice(0, PANELS_MAX);
  const rest = breakers.filter((breaker) => breaker !== chosen && !drawn.includes(breaker));
  return (
    <>
      {failure?.formError != null && (
        <Notice tone="danger" title="The order was not carried out." announce>
          {failure.formError}
        </Notice>
      )}
      {chosenName !== null && chosen === null && (
        <Notice tone="warn" title={`There is no shard ${chosenName}.`}>
          It may have been deregistered. These are the shards there are.
        </Notice>
      )}
      {chosen !== null && asked.done !== null && failure === undefined && (
        <OrderDone breaker={chosen} done={asked.done} />
      )}
      {chosen !== null && order !== null && (
        <ConfirmOrder
          key={`${chosen.shard} ${order}`}
          breaker={chosen}
          order={order}
          form={form}
          right={right}
        />
      )}
      {chosen !== null && (
        <BreakerPanel breaker={chosen} nowMs={nowMs} right={right} order={order} chosen />
      )}
      {drawn.length > 0 && (
        <div className={cx("grid grid-cols-1 gap-4", drawn.length > 1 && "xl:grid-cols-2")}>
          {drawn.map((breaker) => (
            <BreakerPanel key={breaker.shard} breaker={breaker} nowMs={nowMs} right={right} />
          ))}
        </div>
      )}
      {rest.length > 0 && (
        <Panel
          title={titleOf(rest.length, breakers.length)}
          note={noteOf(right, breakers[0])}
          flush
        >
          <BreakersTable breakers={rest} mayOrder={right.mayOrder} />
        </Panel>
      )}
    </>
  );
}

function titleOf(rest: number, all: number): string {
  return rest === all ? `All ${counted(all, "shard")}` : `The other ${counted(rest, "shard")}`;
}

/** The rule is the same for every breaker, so it is told once; so is who may give orders. */
function noteOf(right: OrderingRight, any: BreakerLine | undefined): string {
  const rule = any === undefined ? "" : `Each ${arithmeticOf(any).rule}.`;
  return right.mayOrder ? rule : `${rule} ${right.why}`;
}

function NoBreakers({ mayRegister }: { mayRegister: boolean }) {
  return (
    <Panel title="No breakers yet">
      <Empty
        icon="breaker"
        title="A breaker comes with its shard"
        action={
          mayRegister && (
            <LinkButton to="/shards/register" tone="accent" icon="plus">
              Register shards
            </LinkButton>
          )
        }
      >
        It watches the calls to the shard, and keeps everybody away from one that fails.
      </Empty>
    </Panel>
  );
}
