import { Notice } from "../ui/status.tsx";

interface RefusalNoticeProps {
  /** "Nothing was planned." */
  title: string;
  message: string;
  changed?: readonly string[] | undefined;
}

/** The answer to something that was refused: why, and what has changed meanwhile. */
export function RefusalNotice({ title, message, changed = [] }: RefusalNoticeProps) {
  return (
    <Notice tone="warn" title={title} announce>
      <p>{message}</p>
      {changed.length > 0 && (
        <ul className="mt-1 list-disc ps-5">
          {changed.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
