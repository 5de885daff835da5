import { createContext, useContext } from "react";

/** How an operator likes the dashboard; kept in a cookie, so that the server renders it at once. */
export interface Preferences {
  theme: Theme;
  /** An IANA zone that times are shown in; `UTC` unless the operator asked for local time. */
  timeZone: string;
}

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const UTC = "UTC";

export const DEFAULT_PREFERENCES: Preferences = { theme: "system", timeZone: UTC };

/** Server and browser render times in the same zone, so hydration finds what it expects. */
export const PreferencesContext = createContext<Preferences>(DEFAULT_PREFERENCES);

export function usePreferences(): Preferences {
  return useContext(PreferencesContext);
}
