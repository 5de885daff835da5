import { useEffect, useState } from "react";
import { Button } from "./button.tsx";

const CONFIRMATION_MS = 2_000;

/** Copies `text`. Without script it is not drawn: the text beside it can be marked by hand. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), CONFIRMATION_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <Button
      type="button"
      size="small"
      icon={copied ? "check" : "copy"}
      onClick={copy}
      className="noscript:hidden"
    >
      <span aria-live="polite">{copied ? "Copied" : label}</span>
    </Button>
  );
}

/** A command or a value to take away. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start gap-2 rounded-md border border-line bg-sunken p-2">
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls sideways.
        tabIndex={0}
        aria-label={label}
        className="min-w-0 flex-1 overflow-x-auto py-1 font-mono text-sm"
      >
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}
