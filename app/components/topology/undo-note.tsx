/** What an operator can and cannot take back. The same words before and after. */
export function UndoNote() {
  return (
    <p className="max-w-prose">
      Nothing is lost by it: only slots without entries change hands, and entries stay where they
      are. It is not taken back by a button, though: a shard can be deregistered, on its own page,
      once it owns no slots and holds no usage logs, and this version cannot yet move slots that
      hold entries off a shard again.
    </p>
  );
}
