import { Stat, StatGroup } from "../ui/stat.tsx";

/**
 * Sentences as long as those that come, unseen: they break as those will, so that what stands below
 * does not move at any width.
 */
const FIGURES = [
  { label: "Entries", note: "99.9 KiB of 64.0 MiB capacity; 0 evicted", hasMeter: true },
  { label: "Storage", note: "0.0% of the 10 GB that one object stores", hasMeter: true },
  {
    label: "Usage logs",
    note: "kept 30 days, at most 100,000; oldest 2026-01-15 12:00",
    hasMeter: true,
  },
  {
    label: "Housekeeping",
    note: "ran 12:00:00; next 12:00:00",
    hasMeter: false,
  },
];

/** In the place of what a shard holds, until it has answered. */
export function FiguresSkeleton() {
  return (
    <div aria-busy="true">
      <span className="sr-only">Asking the shard…</span>
      <StatGroup columns={4}>
        {FIGURES.map(({ label, note, hasMeter }) => (
          <Stat
            key={label}
            label={label}
            value={<span className="invisible">0</span>}
            note={<span className="invisible">{note}</span>}
          >
            {hasMeter && <div className="h-1.5 rounded-sm bg-sunken" />}
          </Stat>
        ))}
      </StatGroup>
    </div>
  );
}
