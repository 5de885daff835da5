import { useState } from "react";
import { useLocation, useNavigation } from "react-router";

/**
 * What the last form of this page was answered, until another one is sent or the page is left. React
 * Router forgets it with the next refresh of a live page, and a refusal would vanish before it is
 * read. Such a refresh may come while the answer's own page is still being loaded: so it is kept as
 * soon as it is there.
 */
export function useLastAnswer<Answer>(answer: Answer | undefined): Answer | undefined {
  const { state } = useNavigation();
  const { pathname, search } = useLocation();
  const place = pathname + search;
  const [kept, setKept] = useState({ answer, place });
  const isNew = answer !== kept.answer || place !== kept.place;
  if (state !== "submitting" && answer !== undefined && isNew) setKept({ answer, place });
  const isOver = state === "submitting" || (answer === undefined && kept.place !== place);
  if (isOver && kept.answer !== undefined) setKept({ answer: undefined, place });
  return answer ?? kept.answer;
}
