import { useState } from "react";
import { useLocation, useNavigation } from "react-router";

/**
 * What the last form of this page was answered, until another one is sent or the page is left. React
 * Router forgets it with the next refresh of a live page, and a refusal would vanish before it is
 * read.
 */
export function useLastAnswer<Answer>(answer: Answer | undefined): Answer | undefined {
  const { state } = useNavigation();
  const { key } = useLocation();
  const [kept, setKept] = useState({ answer, key });
  if (state === "idle" && answer !== undefined && answer !== kept.answer) setKept({ answer, key });
  const isOver = state === "submitting" || (answer === undefined && kept.key !== key);
  if (isOver && kept.answer !== undefined) setKept({ answer: undefined, key });
  return answer ?? kept.answer;
}
