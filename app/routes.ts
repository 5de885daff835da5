import { index, layout, route, type RouteConfig } from "@react-router/dev/routes";

/** A page's entry and its file come in the same change, so that the app builds at every commit. */
export default [
  route("login", "routes/login.tsx"),
  layout("routes/shell.tsx", [
    layout("routes/page-boundary.tsx", [
      layout("routes/overview.tsx", [index("routes/overview-traffic.tsx")]),
      route("shards", "routes/shards.tsx"),
      route("shards/register", "routes/shards-register.tsx"),
      route("shards/:name", "routes/shards-name.tsx", [index("routes/shards-name-traffic.tsx")]),
      route("shards/:name/drain", "routes/shards-drain.tsx"),
      route("shards/:name/remove", "routes/shards-remove.tsx"),
      route("operations", "routes/operations.tsx"),
      route("operations/preview", "routes/operations-preview.tsx"),
      route("operations/rebalance", "routes/operations-rebalance.tsx"),
      route("operations/:operation", "routes/operation.tsx"),
      route("operations/:operation/cancel", "routes/operation-cancel.tsx"),
      route("operations/:operation/undo", "routes/operation-undo.tsx"),
      layout("routes/logs.tsx", [route("logs", "routes/logs-rows.tsx")]),
      route("breakers", "routes/breakers.tsx"),
      route("audit", "routes/audit.tsx"),
    ]),
  ]),
  route("logs/export", "routes/logs-export.ts"),
  route("audit/export", "routes/audit-export.ts"),
  route("sign-out", "routes/sign-out.ts"),
  route("bootstrap", "routes/bootstrap.ts"),
  route("access", "routes/access.ts"),
  route("preferences", "routes/preferences.ts"),
  route("palette", "routes/palette.ts"),
  route("healthz", "routes/healthz.ts"),
] satisfies RouteConfig;
