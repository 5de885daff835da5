import { isRouteErrorResponse, useRouteLoaderData } from "react-router";
import { LinkButton } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Code } from "../ui/values.tsx";

interface Told {
  status: number | null;
  title: string;
  message: string;
}

/** What went wrong, what it means for the cache, and the way on. */
export function ErrorPage({ error }: { error: unknown }) {
  const { status, title, message } = tell(error);
  const root = useRouteLoaderData<{ requestId: string }>("root");
  const isFault = status === null || status >= 500;
  return (
    <div className="mx-auto flex max-w-prose flex-col items-start gap-3 py-8">
      <title>{`${title} · CepatEdge`}</title>
      <p className="flex items-center gap-2 text-muted">
        <Icon name={isFault ? "alert" : "info"} />
        {status === null ? "Fault in this page" : `HTTP ${status}`}
      </p>
      <h1 className="text-2xl font-semibold">{title}</h1>
      <p>{message}</p>
      {isFault && (
        <p className="text-muted">
          The cache itself does not depend on this page and goes on serving.
          {root && (
            <>
              {" "}
              Request id: <Code>{root.requestId}</Code>
            </>
          )}
        </p>
      )}
      <div className="flex flex-wrap gap-2 pt-2">
        {isFault && (
          <LinkButton to="." reloadDocument>
            Try again
          </LinkButton>
        )}
        <LinkButton to="/">Overview</LinkButton>
      </div>
    </div>
  );
}

function tell(error: unknown): Told {
  if (isRouteErrorResponse(error)) return tellResponse(error.status, error.data);
  return {
    status: null,
    title: "Something broke",
    message: "This page could not be shown because of a fault in the dashboard.",
  };
}

function tellResponse(status: number, data: unknown): Told {
  const own = ownWords(data);
  if (own !== null) return { status, ...own };
  if (status === 404) {
    return { status, title: "Not found", message: "There is no page or shard at this address." };
  }
  if (status === 403) {
    return { status, title: "Not allowed", message: "Your role does not permit this." };
  }
  if (status >= 500) {
    return { status, title: "Something broke", message: "The dashboard could not answer." };
  }
  return { status, title: "That did not work", message: "The request was not understood." };
}

/** Loaders and actions throw `{title, message}` with the status where they know better. */
function ownWords(data: unknown): { title: string; message: string } | null {
  if (typeof data !== "object" || data === null) return null;
  if (!("title" in data) || !("message" in data)) return null;
  const { title, message } = data;
  return typeof title === "string" && typeof message === "string" ? { title, message } : null;
}
