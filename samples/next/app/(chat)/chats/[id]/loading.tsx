export default function Loading() {
  return <p className="faint center">Loading…</p>;
}
