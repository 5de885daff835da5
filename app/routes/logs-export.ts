import { requireOperator } from "../auth.server.ts";
import { cloudflareContext } from "../context.ts";
import { exportLogs } from "./logs-export.server.ts";
import type { Route } from "./+types/logs-export";

/** `/logs/export?format=csv|ndjson` with the filters of `/logs`: a file, streamed. */
export async function loader(args: Route.LoaderArgs) {
  await requireOperator(args);
  const { env } = args.context.get(cloudflareContext);
  return await exportLogs(env, new URL(args.request.url), Date.now());
}
