import { useLocation } from "react-router";
import { AccountMenu } from "./account-menu.tsx";
import { CommandPaletteButton } from "./command-palette-button.tsx";
import { FocusKeeper } from "./focus-keeper.tsx";
import { LiveStatus } from "./live-status.tsx";
import type { ShellOperator } from "./shell-frame.tsx";

interface ShellToolsProps {
  operator: ShellOperator;
  renderedAtMs: number;
}

/** What stands beside the pages' names. One script, so that all of it is ready at once. */
export default function ShellTools({ operator, renderedAtMs }: ShellToolsProps) {
  const { pathname } = useLocation();
  return (
    <>
      <LiveStatus renderedAtMs={renderedAtMs} />
      <CommandPaletteButton operator={operator} />
      {/* Another page begins with the menu closed. */}
      <AccountMenu key={pathname} operator={operator} />
      <FocusKeeper />
    </>
  );
}
