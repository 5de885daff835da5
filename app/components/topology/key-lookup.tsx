import { Form } from "react-router";
import type { ShardsQuery } from "../../routes/shards-query.server.ts";
import type { FoundKey } from "../../routes/shards.server.ts";
import { Button, LinkButton, TextLink } from "../ui/button.tsx";
import { Field, VERBATIM } from "../ui/field.tsx";
import { formatCount } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Facts } from "../ui/stat.tsx";
import { Code, Count } from "../ui/values.tsx";

interface KeyLookupProps {
  query: ShardsQuery;
  found: FoundKey | null;
}

/** A GET form, so that the answer has an address; asking changes nothing and counts as nothing. */
export function KeyLookup({ query: { fields, errors }, found }: KeyLookupProps) {
  const asked = fields.type !== "" || fields.key !== "";
  return (
    <Panel title="Where is this key" note="Type and key give the slot, the slot its owner.">
      <Form
        key={JSON.stringify(fields)}
        method="get"
        action="/shards"
        preventScrollReset
        className="grid gap-3 sm:grid-cols-[10rem_1fr] lg:grid-cols-1 xl:grid-cols-[10rem_1fr]"
      >
        <Field
          label="Type"
          name="type"
          placeholder="session"
          {...VERBATIM}
          defaultValue={fields.type}
          error={errors.type}
        />
        <Field
          label="Key"
          name="key"
          placeholder="user:42"
          {...VERBATIM}
          defaultValue={fields.key}
          error={errors.key}
        />
        <div className="col-span-full flex flex-wrap gap-2">
          <Button icon="search">Find</Button>
          {asked && (
            <LinkButton to="/shards" tone="quiet" preventScrollReset>
              Clear
            </LinkButton>
          )}
        </div>
      </Form>
      {found !== null && (
        <div aria-live="polite" data-focus-here className="mt-3 border-t border-line pt-3">
          <Answer found={found} />
        </div>
      )}
    </Panel>
  );
}

function Answer({ found: { type, key, slot, range } }: { found: FoundKey }) {
  if (range === null) {
    return (
      <p>
        <Code>{`${type}:${key}`}</Code> is in slot {formatCount(slot)}, which nobody owns yet.
      </p>
    );
  }
  return (
    <Facts
      items={[
        ["Key", <Code key="key">{`${type}:${key}`}</Code>],
        ["Slot", <Count key="slot" value={slot} />],
        [
          "Shard",
          <TextLink key="shard" to={`/shards/${range.shard}`}>
            {range.shard}
          </TextLink>,
        ],
        [
          "Range",
          <span key="range">
            {formatCount(range.first)}–{formatCount(range.last)}
          </span>,
        ],
        ["Since epoch", <Count key="epoch" value={range.epoch} />],
      ]}
    />
  );
}
