import type { ReactNode } from "react";
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLocation,
  useRouteLoaderData,
} from "react-router";
import type { Route } from "./+types/root";
import "./app.css";
import { ErrorPage } from "./components/shell/error-page.tsx";
import { firstPartMiddleware } from "./first-part.server.ts";
import { DEFAULT_PREFERENCES, PreferencesContext } from "./preferences.ts";
import { readPreferences } from "./preferences.server.ts";
import { requestIdOf } from "./request-id.server.ts";
import { sameOriginMiddleware } from "./same-origin.server.ts";
import { runsScript } from "./script-support.server.ts";
import { securityHeadersMiddleware } from "./security-headers.server.ts";

export const middleware: Route.MiddlewareFunction[] = [
  securityHeadersMiddleware,
  sameOriginMiddleware,
  firstPartMiddleware,
];

/** Hands the Retry-After of an error on: React Router drops it from the page otherwise. */
export function headers({ errorHeaders }: Route.HeadersArgs) {
  return errorHeaders ?? new Headers();
}

export async function loader({ request, context }: Route.LoaderArgs) {
  return {
    preferences: await readPreferences(request),
    requestId: requestIdOf(request, context),
    streamed: runsScript(request),
  };
}

export const meta: Route.MetaFunction = () => [{ title: "CepatEdge" }];

export const links: Route.LinksFunction = () => [
  { rel: "icon", href: "/icon.svg", type: "image/svg+xml" },
  { rel: "manifest", href: "/manifest.webmanifest" },
];

export function Layout({ children }: { children: ReactNode }) {
  const data = useRouteLoaderData<typeof loader>("root");
  const preferences = data?.preferences ?? DEFAULT_PREFERENCES;
  return (
    <html lang="en" data-theme={preferences.theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content={colorScheme(preferences.theme)} />
        <meta name="robots" content="noindex" />
        <Meta />
        {/* Style sheets are allowed by their address; only scripts need the nonce. */}
        <Links nonce="" />
        {data?.streamed && <WithoutScript />}
      </head>
      <body>
        <PreferencesContext value={preferences}>{children}</PreferencesContext>
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

export function ErrorBoundary({ error }: Route.ErrorBoundaryProps) {
  return (
    <main className="p-4 sm:p-8">
      <ErrorPage error={error} />
    </main>
  );
}

/** This browser ran script once and does not now: ask for the page as a whole. */
function WithoutScript() {
  const { pathname, search } = useLocation();
  const to = encodeURIComponent(`${pathname}${search}`);
  return (
    <noscript>
      <meta httpEquiv="refresh" content={`0;url=/preferences?script=off&to=${to}`} />
    </noscript>
  );
}

function colorScheme(theme: string): string {
  return theme === "system" ? "light dark" : theme;
}
