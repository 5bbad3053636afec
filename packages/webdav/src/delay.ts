// Waiting, where the program does not bring its own way of waiting.

/** Resolves after `ms`. What waits here waits briefly, so an abort is looked at afterwards. */
export const defaultDelay = (ms: number, _: AbortSignal): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))
