// A bounded queue between one producer and several workers.

interface Queue<A> {
  /** Resolves when there is room; false once the queue is closed. */
  readonly put: (item: A) => Promise<boolean>
  /** The next item; undefined once the queue is closed and empty. */
  readonly take: () => Promise<{ readonly item: A } | undefined>
  readonly close: () => void
}

const createQueue = <A>(capacity: number): Queue<A> => {
  const items: Array<{ readonly item: A }> = []
  let closed = false
  let waiting: Array<() => void> = []
  const changed = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  const wake = (): void => {
    const woken = waiting
    waiting = []
    for (const resolve of woken) resolve()
  }
  return {
    put: async (item) => {
      while (!closed && items.length >= capacity) await changed()
      if (closed) return false
      items.push({ item })
      wake()
      return true
    },
    take: async () => {
      while (!closed && items.length === 0) await changed()
      const next = items.shift()
      wake()
      return next
    },
    close: () => {
      closed = true
      wake()
    },
  }
}

/** Reads at most `ahead` items in advance and works on at most `concurrency` at once; resolves when all work has ended, rejects as the first that rejects. */
export const drain = async <A>(
  items: AsyncIterable<A>,
  work: (item: A) => Promise<void>,
  { concurrency, ahead }: { readonly concurrency: number; readonly ahead: number },
): Promise<void> => {
  const queue = createQueue<A>(ahead)
  const produce = async (): Promise<void> => {
    try {
      for await (const item of items) if (!(await queue.put(item))) return
    } finally {
      queue.close()
    }
  }
  const consume = async (): Promise<void> => {
    try {
      for (let next = await queue.take(); next !== undefined; next = await queue.take()) await work(next.item)
    } catch (error) {
      queue.close()
      throw error
    }
  }
  const ended = await Promise.allSettled([produce(), ...Array.from({ length: concurrency }, consume)])
  const broken = ended.find((end) => end.status === 'rejected')
  if (broken !== undefined) throw broken.reason
}
