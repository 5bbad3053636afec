// Questions on a terminal: asked on standard error, answered on standard input.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './io'

export interface Questions {
  readonly ask: (question: string) => Promise<string>
  /** What is typed is not shown. */
  readonly askHidden: (question: string) => Promise<string>
  /** Asks until one of them is chosen, by its name or its number. */
  readonly choose: (question: string, choices: ReadonlyArray<string>) => Promise<string>
  readonly close: () => void
}

/** Undefined unless both streams are a terminal. The questions reject once the signal aborts or the input ends. */
export const openQuestions = ({ stdin, stderr }: Io, signal: AbortSignal): Questions | undefined => {
  if (!('isTTY' in stdin) || stdin.isTTY !== true || stderr.isTTY !== true) return undefined
  let isHidden = false
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isHidden) stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: stdin, output, terminal: true })
  const ended = new AbortController()
  lines.once('close', () => {
    ended.abort()
  })
  lines.once('SIGINT', () => {
    ended.abort()
  })
  const until = AbortSignal.any([signal, ended.signal])
  const ask = async (question: string): Promise<string> => {
    const answer = await lines.question(`${question} `, { signal: until })
    return answer.trim()
  }
  return {
    ask,
    askHidden: async (question) => {
      stderr.write(`${question} `)
      isHidden = true
      try {
        return await lines.question('', { signal: until })
      } finally {
        isHidden = false
        stderr.write('\n')
      }
    },
    choose: async (question, choices) => {
      const list = choices.map((choice, i) => `  ${i + 1}  ${choice}`).join('\n')
      stderr.write(`${question}\n${list}\n`)
      for (;;) {
        const answer = await ask('Number or name:')
        const chosen = choices.find((choice, i) => choice === answer || String(i + 1) === answer)
        if (chosen !== undefined) return chosen
      }
    },
    close: () => {
      lines.close()
    },
  }
}
