// Work on several items at once, answers in the order of the items.

/** At most `concurrency` under way; answers wait for those before them. */
export async function* mapOrdered<A, B>(
  items: AsyncIterable<A>,
  concurrency: number,
  work: (item: A) => Promise<B> | B,
): AsyncGenerator<B, void> {
  const under: Array<Promise<B>> = []
  for await (const item of items) {
    const started = Promise.resolve(work(item))
    // Awaited in its turn; until then a rejection is not unhandled.
    started.catch(() => undefined)
    under.push(started)
    if (under.length < concurrency) continue
    const first = under.shift()
    if (first !== undefined) yield await first
  }
  for (const rest of under) yield await rest
}
