export function loader() {
  return { ok: true };
}
export default function Overview() {
  return <h1 className="text-2xl">CepatEdge</h1>;
}
