import { lazy, Suspense } from "react";
import type { ShouldRevalidateFunctionArgs } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { LogsPanel } from "../components/logs/logs-panel.tsx";
import { logsHref, logsSearch } from "../components/logs/filters.ts";
import { LinkButton } from "../components/ui/button.tsx";
import { PanelFailure, Skeleton } from "../components/ui/panel.tsx";
import { Notice } from "../components/ui/status.tsx";
import { cloudflareContext } from "../context.ts";
import { firstPartSent } from "../first-part.server.ts";
import { changeViews, readViews } from "./logs-views.server.ts";
import { readLogsAnswer } from "./logs.server.ts";
import { readLogsQuery } from "./logs-query.server.ts";
import type { Route } from "./+types/logs-rows";

// Only a link to one row shows it, so its script is not part of every first load.
const NeighboursPanel = lazy(async () => ({
  default: (await import("../components/logs/neighbours-panel.tsx")).NeighboursPanel,
}));

// At the foot of the page, so that its script may come after the first load, which has a budget.
const SavedViews = lazy(() => import("../components/logs/saved-views.tsx"));

export async function loader(args: Route.LoaderArgs) {
  const operator = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const asked = readLogsQuery(new URL(args.request.url), Date.now());
  const { filters } = asked;
  const search = logsSearch(filters);
  const views = readViews(env, operator);
  return {
    filters,
    search,
    views,
    answer: await readLogsAnswer(env, asked, firstPartSent(args.context)),
  };
}

export async function action(args: Route.ActionArgs) {
  const operator = await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  return await changeViews(env, args.request, operator);
}

/** Below a cursor and around a row nothing new comes in: such a page is read once. */
export function shouldRevalidate(args: ShouldRevalidateFunctionArgs): boolean {
  const { currentUrl, nextUrl, defaultShouldRevalidate, formAction } = args;
  if (currentUrl.href !== nextUrl.href || formAction !== undefined) return defaultShouldRevalidate;
  return !["before", "at"].some((name) => nextUrl.searchParams.get(name));
}

export default function LogRows({ loaderData, actionData }: Route.ComponentProps) {
  const { filters, answer, search, views } = loaderData;
  return (
    <>
      <Rows filters={filters} answer={answer} />
      <Suspense fallback={<Skeleton lines={4} label="Your views" />}>
        <SavedViews views={views} search={search} failure={actionData ?? null} />
      </Suspense>
    </>
  );
}

type RowsProps = Pick<Route.ComponentProps["loaderData"], "filters" | "answer">;

function Rows({ filters, answer }: RowsProps) {
  switch (answer.kind) {
    case "bad":
      return (
        <Notice
          tone="warn"
          title={answer.message}
          actions={<LinkButton to={logsHref(answer.good)}>Newest logs</LinkButton>}
          announce
        >
          Nothing is shown until it is put right, so that no list looks complete when it is not.
        </Notice>
      );
    case "failed":
      return (
        <PanelFailure what="The logs" detail={`The registry does not answer: ${answer.error}`} />
      );
    case "around":
      return (
        <Suspense fallback={<Skeleton lines={20} label="The row and its neighbours" />}>
          <NeighboursPanel key={answer.at} {...answer} filters={filters} />
        </Suspense>
      );
    case "page":
      return <LogsPanel key={answer.self} {...answer} filters={filters} />;
    default:
      return answer satisfies never;
  }
}
