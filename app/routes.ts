import { index, layout, route, type RouteConfig } from "@react-router/dev/routes";

/** A page's entry and its file come in the same change, so that the app builds at every commit. */
export default [
  layout("routes/shell.tsx", [index("routes/overview.tsx")]),
  route("preferences", "routes/preferences.ts"),
  route("palette", "routes/palette.ts"),
  route("healthz", "routes/healthz.ts"),
] satisfies RouteConfig;
