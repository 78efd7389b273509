/** Waits until `condition` answers something truthy and returns it; throws with the last answer at the deadline. */
export async function eventually<T>(
  condition: () => Promise<T> | T,
  { timeoutMs = 10_000, everyMs = 10 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer as NonNullable<T>;
    if (performance.now() > until)
      throw new Error(`not within ${timeoutMs} ms; last answer: ${String(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
