import { requireOperator, requirePermission } from "../auth.server.ts";
import { BreakersList } from "../components/breakers/breakers-list.tsx";
import { Page } from "../components/ui/page.tsx";
import { PanelFailure } from "../components/ui/panel.tsx";
import { Notice } from "../components/ui/status.tsx";
import { cloudflareContext } from "../context.ts";
import { giveOrder, orderingRight, readBreakers } from "./breakers.server.ts";
import { readBreakersQuery } from "./breakers-order.server.ts";
import { useLiveForm } from "../use-live-form.ts";
import type { Route } from "./+types/breakers";

export const meta: Route.MetaFunction = () => [{ title: "Breakers · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  const { role } = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const asked = readBreakersQuery(new URL(args.request.url));
  const answer = await readBreakers(env, asked, Date.now());
  return { asked, answer, right: orderingRight(role), mayRegister: role !== "viewer" };
}

export async function action(args: Route.ActionArgs) {
  const operator = await requirePermission(args, "trip");
  const { env } = args.context.get(cloudflareContext);
  return await giveOrder(env, args.request, operator);
}

export default function Breakers({ loaderData, actionData }: Route.ComponentProps) {
  const { asked, answer, right, mayRegister } = loaderData;
  const form = useLiveForm("order", actionData);
  return (
    <Page
      title="Breakers"
      note="One for each shard, the same for every caller. Looking changes no state."
    >
      {asked.problem !== null && (
        <Notice tone="warn" title={asked.problem}>
          The breakers below are as they are.
        </Notice>
      )}
      {answer.kind === "failed" ? (
        <PanelFailure
          what="The breakers"
          detail={`The registry does not answer: ${answer.error}`}
        />
      ) : (
        <BreakersList
          page={answer.value}
          asked={asked}
          form={form}
          right={right}
          mayRegister={mayRegister}
        />
      )}
    </Page>
  );
}
