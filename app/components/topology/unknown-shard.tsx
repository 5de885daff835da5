import { LinkButton } from "../ui/button.tsx";
import { Page } from "../ui/page.tsx";
import { Panel } from "../ui/panel.tsx";
import { Empty } from "../ui/status.tsx";
import { Code } from "../ui/values.tsx";

/** A shard that was never there, or is not any more: the audit trail knows which. */
export default function UnknownShard({ name }: { name: string }) {
  return (
    <Page title="No such shard">
      <title>No such shard · CepatEdge</title>
      <Panel title="HTTP 404">
        <Empty
          icon="shards"
          title={
            <>
              No shard is called <Code>{name}</Code>
            </>
          }
          action={
            <>
              <LinkButton to="/shards" tone="accent" icon="shards">
                All shards
              </LinkButton>
              <LinkButton to={`/audit?subject=${encodeURIComponent(name)}`} icon="book">
                Its audit trail
              </LinkButton>
            </>
          }
        >
          It was never registered under this name, or it has been deregistered; then the audit trail
          says by whom and why.
        </Empty>
      </Panel>
    </Page>
  );
}
