import type { Column } from "../ui/table.tsx";

/** Of a column of shards: a name breaks before it pushes the figures beside it out of sight. */
const SHARD_COLUMN = "min-w-24 max-w-40 sm:max-w-72";

/** Where the table scrolls sideways anyway, only a long one breaks. */
const NAME = "wrap-anywhere max-sm:inline-block max-sm:w-max max-sm:max-w-34";

/** From which shard to which something goes. */
export const WAY_COLUMNS: Column<{ source: string | null; target: string }>[] = [
  {
    key: "source",
    header: "From",
    className: SHARD_COLUMN,
    cell: ({ source }) => <span className={NAME}>{source ?? "nobody"}</span>,
  },
  {
    key: "target",
    header: "To",
    className: SHARD_COLUMN,
    cell: ({ target }) => <span className={NAME}>{target}</span>,
  },
];
