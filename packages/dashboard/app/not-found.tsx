import Link from 'next/link';

/** Ours instead of the framework's, whose inline styles our Content-Security-Policy refuses. */
export default function NotFound() {
  return (
    <main className="door">
      <div className="door-card stack">
        <h1>There is no such page</h1>
        <Link href="/" prefetch={false}>
          Go to the overview
        </Link>
      </div>
    </main>
  );
}
