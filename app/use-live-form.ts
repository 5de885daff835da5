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

interface Round<Answer> {
  key: string;
  sent: FormData | undefined;
  data: Answer | undefined;
  /** The data that was there when the form was sent: it answers an earlier one. */
  stale: Answer | undefined;
  /** The answer to a form that no script has sent. */
  first: Answer | undefined;
}

/**
 * For the forms of a page that refreshes itself. A navigation's answer is gone with the next
 * refresh, and for good where that begins before the answer was drawn: a refusal would vanish unread.
 * A fetcher keeps its answer through any number of refreshes.
 *
 * It keeps it too when the next form has succeeded: an action answers that with a redirect, which
 * brings no data. So only data that has come since the last form was sent is an answer.
 *
 * @param about no two of a page are the same
 * @param atFirst the answer to a form that was sent before script ran, or without it
 */
export function useLiveForm<Answer>(about: string, atFirst: Answer | undefined): LiveForm<Answer> {
  const { pathname, search } = useLocation();
  const key = `${about} on ${pathname}${search}`;
  const fetcher = useFetcher({ key });
  const { Form, state, formData: sent } = fetcher;
  const data: Answer | undefined = fetcher.data;
  const [last, setLast] = useState<Round<Answer>>(() => {
    return { key, sent, data, stale: undefined, first: atFirst };
  });
  const isSent = sent !== undefined && sent !== last.sent;
  if (key !== last.key) {
    setLast({ key, sent, data, stale: undefined, first: undefined });
  } else if (isSent) {
    setLast({ key, sent, data, stale: last.data, first: undefined });
  } else if (sent !== last.sent || data !== last.data) {
    setLast({ ...last, sent, data });
  }
  const answer = data === last.stale ? last.first : data;
  return { Form, answer: state === "submitting" ? undefined : answer, sent };
}
