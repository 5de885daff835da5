import { LinkButton } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { Empty } from "../ui/status.tsx";

/** A new installation: there is nothing to show yet, and one thing to do. */
export function FirstSteps({ mayRegister }: { mayRegister: boolean }) {
  return (
    <Panel title="First steps">
      <Empty
        icon="shards"
        title="No shards yet"
        action={
          mayRegister && (
            <LinkButton to="/shards/register" tone="accent" icon="plus">
              Register shards
            </LinkButton>
          )
        }
      >
        <p>
          A shard holds a part of the cache. Four are a good start. More can be registered, and
          others drained, while the cache serves: slots move with what is in them.
        </p>
        {!mayRegister && <p>Your role is viewer: ask an operator to register the first ones.</p>}
      </Empty>
    </Panel>
  );
}
