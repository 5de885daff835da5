import type { RefusalReason } from "../../../workers/contracts.ts";
import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";
import { adviceFor } from "./refusals.ts";

interface RefusalNoticeProps {
  /** "Nothing was planned." */
  title: string;
  reason: RefusalReason;
  message: string;
  changed?: readonly string[] | undefined;
  running?: string | undefined;
}

/** The answer to something that was refused: why, what has changed meanwhile, and what to do. */
export function RefusalNotice(props: RefusalNoticeProps) {
  const { title, reason, message, changed = [], running } = props;
  const { text, link } = adviceFor(reason, running);
  return (
    <Notice
      tone="warn"
      title={title}
      announce
      actions={link !== null && <LinkButton to={link.to}>{link.name}</LinkButton>}
    >
      <p>{message}</p>
      <Sentences of={changed} />
      <p className="mt-1">{text}</p>
    </Notice>
  );
}

export function Sentences({ of }: { of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <ul className="mt-1 list-disc ps-5">
      {of.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
