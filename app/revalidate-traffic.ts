import type { ShouldRevalidateFunctionArgs } from "react-router";

/** A chart of days does not change within seconds: it is asked for again with its range only. */
export function revalidateTraffic(args: ShouldRevalidateFunctionArgs): boolean {
  const { currentUrl, nextUrl, defaultShouldRevalidate } = args;
  const moved = currentUrl.pathname !== nextUrl.pathname || currentUrl.search !== nextUrl.search;
  if (moved || args.formAction !== undefined) return defaultShouldRevalidate;
  const range = nextUrl.searchParams.get("range");
  const isLong = range === "24h" || range === "7d" || range === "30d";
  return !isLong;
}
