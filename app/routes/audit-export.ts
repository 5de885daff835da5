import { requireOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import { exportAudit } from "./audit-export.server.ts";
import type { Route } from "./+types/audit-export";

/** `/audit/export?format=csv|ndjson` with the filters of `/audit`: a file, streamed. */
export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  return await exportAudit(env, new URL(args.request.url), Date.now());
}
