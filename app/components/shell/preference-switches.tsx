import { type ReactNode, useSyncExternalStore } from "react";
import { Form, useLocation } from "react-router";
import { type Theme, THEMES, usePreferences, UTC } from "../../preferences.ts";
import { cx } from "../ui/cx.ts";
import { Icon, type IconName } from "../ui/icon.tsx";

const THEME_NAMES: Record<Theme, { name: string; icon: IconName }> = {
  system: { name: "System", icon: "gauge" },
  light: { name: "Light", icon: "sun" },
  dark: { name: "Dark", icon: "moon" },
};

export function PreferenceSwitches() {
  return (
    <>
      <ThemeSwitch />
      <TimesSwitch />
    </>
  );
}

function ThemeSwitch() {
  const { theme } = usePreferences();
  return (
    <Switch legend="Appearance">
      {THEMES.map((value) => (
        <Choice key={value} name="theme" value={value} chosen={theme === value}>
          <Icon name={THEME_NAMES[value].icon} />
          {THEME_NAMES[value].name}
        </Choice>
      ))}
    </Switch>
  );
}

/** UTC, or the zone of this browser; without script, the zone that the server guesses. */
function TimesSwitch() {
  const { timeZone } = usePreferences();
  const localZone = useSyncExternalStore(neverChanges, browserZone, unknownZone);
  return (
    <Switch legend={`Times (shown in ${timeZone})`}>
      <input type="hidden" name="localZone" value={localZone} />
      <Choice name="times" value="utc" chosen={timeZone === UTC}>
        UTC
      </Choice>
      <Choice name="times" value="local" chosen={timeZone !== UTC}>
        Local
      </Choice>
    </Switch>
  );
}

const neverChanges = () => () => {};
const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const unknownZone = () => "";

function Switch({ legend, children }: { legend: string; children: ReactNode }) {
  const { pathname, search } = useLocation();
  return (
    <Form method="post" action="/preferences" preventScrollReset>
      <input type="hidden" name="to" value={`${pathname}${search}`} />
      <fieldset>
        <legend className="pb-1 text-sm text-muted">{legend}</legend>
        <div className="flex rounded-md border border-line bg-sunken p-0.5">{children}</div>
      </fieldset>
    </Form>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  chosen: boolean;
  children: ReactNode;
}

function Choice({ name, value, chosen, children }: ChoiceProps) {
  return (
    <button
      type="submit"
      name={name}
      value={value}
      aria-pressed={chosen}
      className={cx(
        "flex min-h-11 flex-1 items-center justify-center gap-1.5 rounded-sm text-sm font-medium",
        "lg:min-h-9",
        chosen ? "bg-raised ring-1 ring-line-strong" : "text-muted hover:text-text",
      )}
    >
      {children}
    </button>
  );
}
