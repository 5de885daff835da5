import type { ReactNode } from "react";

interface PageProps {
  title: ReactNode;
  /** The way back up, where the page is one of many. */
  parent?: ReactNode;
  status?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page inside the shell: its one `h1`, what can be done, then its panels. */
export function Page({ title, parent, status, note, actions, children }: PageProps) {
  return (
    <div className="mx-auto flex w-full max-w-[88rem] flex-col gap-4">
      <header className="flex flex-wrap items-end gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-56">
          {parent && <p className="text-sm">{parent}</p>}
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-2xl font-semibold">{title}</h1>
            {status}
          </div>
          {note && <p className="text-muted">{note}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
