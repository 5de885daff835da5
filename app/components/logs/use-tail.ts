import { useState } from "react";
import type { LogsPage } from "../../routes/logs.server.ts";

export interface Tail {
  shown: LogsPage;
  /** Rows that came in above what is shown. */
  fresh: number;
  /** There may be more than `fresh`: as many as a page holds came in. */
  isMore: boolean;
  following: boolean;
  setFollowing: (following: boolean) => void;
  showLatest: () => void;
}

/**
 * The newest page is read anew every few seconds, but rows do not move under a reader's hands: what
 * came in is counted until he asks for it, or lets it roll.
 */
export function useTail(latest: LogsPage): Tail {
  /** Null: following. */
  const [held, setHeld] = useState<LogsPage | null>(latest);
  const shown = held === null || held.logs.length === 0 ? latest : held;
  const top = shown.logs[0]?.key ?? "";
  const fresh = latest.logs.filter(({ key }) => key > top).length;
  return {
    shown,
    fresh,
    isMore: fresh > 0 && fresh === latest.logs.length && latest.older !== null,
    following: held === null,
    setFollowing: (following) => setHeld(following ? null : latest),
    showLatest: () => setHeld(latest),
  };
}
