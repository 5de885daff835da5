import type { OperationKind } from "../../../workers/contracts.ts";
import { UNDO_WORDS } from "./plan-words.ts";

/** What an operator can and cannot take back. The same words before and after. */
export function UndoNote({ kind }: { kind: OperationKind }) {
  return <p className="max-w-prose">{UNDO_WORDS[kind]}</p>;
}
