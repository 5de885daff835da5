import { Form, useNavigation } from "react-router";
import type { ShardPage } from "../../routes/shards-name.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";

interface ShardActsProps {
  page: ShardPage;
  mayDrain: boolean;
}

/** What can be done to a shard; a tap makes the plan, and the preview asks for the rest. */
export default function ShardActs({ page: { shard, running }, mayDrain }: ShardActsProps) {
  const { name, state } = shard;
  const action = `/shards/${name}/drain`;
  const pending = useNavigation().formAction === action;
  if (!mayDrain || state !== "active") return null;
  return (
    <>
      <LinkButton to={`/operations/rebalance?shard=${name}`}>Change weight…</LinkButton>
      {running === null && (
        <Form method="post" action={action}>
          <Button icon="move" pending={pending}>
            {pending ? "Planning…" : "Drain…"}
          </Button>
        </Form>
      )}
    </>
  );
}
