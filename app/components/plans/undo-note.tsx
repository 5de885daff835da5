import type { OperationKind } from "../../../workers/contracts.ts";
import { UNDO_OF_FIRST, UNDO_WORDS } from "./plan-words.ts";

interface UndoNoteProps {
  kind: OperationKind;
  /** The slots had no owner before, so there is nobody to give them back to. */
  isFirst?: boolean;
}

/** What an operator can and cannot take back. The same words before and after. */
export function UndoNote({ kind, isFirst = false }: UndoNoteProps) {
  return <p className="max-w-prose">{isFirst ? UNDO_OF_FIRST : UNDO_WORDS[kind]}</p>;
}
