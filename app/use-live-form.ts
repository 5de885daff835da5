import { useState } from "react";
import { type FetcherWithComponents, useFetcher, useLocation } from "react-router";

/** The forms on a page about one thing, and the answer to the last of them that was sent. */
export interface LiveForm<Answer> {
  Form: FetcherWithComponents<unknown>["Form"];
  /** Until another form is sent or the page is left. */
  answer: Answer | undefined;
  /** What is on its way. */
  sent: FormData | undefined;
}

/**
 * For the forms of a page that refreshes itself. A navigation's answer is gone with the next
 * refresh, and for good where that begins before the answer was drawn: a refusal would vanish unread.
 * A fetcher keeps its answer through any number of refreshes.
 *
 * @param about no two of a page are the same
 * @param atFirst the answer to a form that was sent before script ran, or without it
 */
export function useLiveForm<Answer>(about: string, atFirst: Answer | undefined): LiveForm<Answer> {
  const { pathname, search } = useLocation();
  const fetcher = useFetcher({ key: `${about} on ${pathname}${search}` });
  const [first, setFirst] = useState(atFirst);
  const { Form, state, formData: sent } = fetcher;
  const data: Answer | undefined = fetcher.data;
  if (sent !== undefined && first !== undefined) setFirst(undefined);
  return { Form, answer: state === "submitting" ? undefined : (data ?? first), sent };
}
