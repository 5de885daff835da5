import { renderToStaticMarkup } from "react-dom/server";
import { MemoryRouter } from "react-router";
import { expect, it } from "vitest";
import { RebalanceForm } from "./rebalance-form.tsx";

it("Without a shard to share slots out to, the page leads to registering one", () => {
  const page = renderToStaticMarkup(
    <MemoryRouter>
      <RebalanceForm lines={[]} failure={undefined} />
    </MemoryRouter>,
  );
  expect(page).toContain('href="/shards/register"');
});
