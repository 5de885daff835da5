import { useLocation } from "react-router";
import { requireOperator } from "../auth.server.ts";
import { readAudit } from "../audit.server.ts";
import { auditHref, auditSearch, readAuditQuery } from "../audit-query.server.ts";
import { AuditFilterForm } from "../components/audit/filter-form.tsx";
import { AuditTable } from "../components/audit/audit-table.tsx";
import { ExportLinks } from "../components/filters/export-links.tsx";
import { LinkButton } from "../components/ui/button.tsx";
import { Page } from "../components/ui/page.tsx";
import { Panel, PanelAwait, Skeleton } from "../components/ui/panel.tsx";
import { Notice } from "../components/ui/status.tsx";
import { cloudflareContext } from "../context.ts";
import type { Route } from "./+types/audit";

export const meta: Route.MetaFunction = () => [{ title: "Audit · CepatEdge" }];

export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  const asked = readAuditQuery(new URL(args.request.url));
  const newest = auditHref(asked.filters, null);
  if (asked.kind === "bad") return { ...asked, newest, trail: null, isFirst: true, search: "" };
  const trail = readAudit(env, asked.query).then((read) => ({
    ...read,
    older: read.next === null ? null : auditHref(asked.filters, read.next),
  }));
  const isFirst = asked.query.before === undefined;
  const search = auditSearch(asked.filters);
  return { filters: asked.filters, errors: {}, newest, trail, isFirst, search };
}

export default function Audit({ loaderData }: Route.ComponentProps) {
  const { filters, errors, trail, newest, isFirst, search } = loaderData;
  const { search: page } = useLocation();
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <Page title="Audit" note="Who did what, when and why; refused attempts too.">
      <AuditFilterForm filters={filters} errors={errors} />
      {trail === null ? (
        <Notice
          tone="warn"
          title={errors.before ?? "A filter was not understood."}
          actions={<LinkButton to={newest}>Newest events</LinkButton>}
          announce
        >
          Nothing is shown until it is put right, so that no list looks complete when it is not.
        </Notice>
      ) : (
        <Panel
          title={filtered ? "Matching events" : "Events"}
          actions={<ExportLinks path="/audit/export" search={search} />}
          flush
        >
          <PanelAwait key={page} resolve={trail} what="The audit trail" fallback={<Waiting />}>
            {(value) => (
              <AuditTable
                trail={value}
                older={value.older}
                newest={isFirst ? null : newest}
                filtered={filtered}
              />
            )}
          </PanelAwait>
        </Panel>
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <div className="px-3 pb-3">
      <Skeleton lines={12} label="Loading the audit trail" />
    </div>
  );
}
