/** Liveness: this Worker answers. It asks nobody else, so it says nothing about shards. */
export function loader() {
  return Response.json({ status: "ok" }, { headers: { "Cache-Control": "no-store" } });
}
