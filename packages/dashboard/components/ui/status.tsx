/** A shape and the word: never colour alone. */
export function StatusWord({ status, children }: { status: string; children?: string }) {
  return (
    <span className="status" data-status={status}>
      {children ?? status}
    </span>
  );
}
