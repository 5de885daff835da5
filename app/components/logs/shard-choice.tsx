import { Icon } from "../ui/icon.tsx";

interface ShardChoiceProps {
  chosen: string[];
  names: string[] | null;
  error: string | undefined;
}

/** Any number of shards; none chosen means all of them. */
export function ShardChoice({ chosen, names, error }: ShardChoiceProps) {
  // A name in the address that nobody has registered stays visible, so that it can be taken out.
  const listed = [...new Set([...(names ?? []), ...chosen])];
  if (listed.length === 0) return null;
  return (
    <fieldset className="col-span-full min-w-0">
      <legend className="text-sm font-medium">Shards; none chosen: all</legend>
      {error && (
        <p className="flex gap-1.5 text-sm text-danger">
          <Icon name="alert" className="mt-0.5" />
          {error}
        </p>
      )}
      <div
        className={
          "mt-1 grid max-h-48 grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] overflow-y-auto" +
          " rounded-md border border-line px-3"
        }
      >
        {listed.map((name) => (
          <label key={name} className="flex min-h-11 items-center gap-2 text-sm">
            <input
              type="checkbox"
              name="shard"
              value={name}
              defaultChecked={chosen.includes(name)}
              className="size-5 shrink-0"
            />
            <span className="min-w-0">{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
