import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button.tsx";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  children: ReactNode;
}

/**
 * The platform's own modal dialog: it traps the focus, closes on Escape and gives the focus back
 * to where it came from. It needs script; whatever it asks for must also have a page of its own.
 */
export function Dialog({ open, onClose, title, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (open && dialog?.open === false) dialog.showModal();
    if (!open && dialog?.open === true) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onClose={onClose}
      closedby="any"
      className={
        "max-h-[85dvh] w-[min(36rem,calc(100vw-2rem))] overflow-auto rounded-md border" +
        " border-line bg-raised p-0 shadow-overlay"
      }
    >
      <div className="flex items-center justify-between gap-4 border-b border-line p-3">
        <h2 id={titleId} className="text-lg font-semibold">
          {title}
        </h2>
        <Button type="button" tone="quiet" icon="cross" onClick={onClose}>
          Close
        </Button>
      </div>
      <div className="p-3">{children}</div>
    </dialog>
  );
}
