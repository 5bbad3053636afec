// Lines that stay at the foot of a terminal while messages pass above them.
import type { Out } from '../io'
import type { Room } from './frame'
import { widthOf } from './width'

export interface Live {
  /** Above the lines, at the next redraw at the latest. */
  readonly tell: (text: string) => void
  /** The lines are gone, what was told stands, and the cursor is back. */
  readonly end: () => void
}

/** Milliseconds between two drawings. */
const pace = 200

const escape = '\u001b['
const [hide, show] = [`${escape}?25l`, `${escape}?25h`]
/** A line that is wider than the terminal would take two, and the next drawing would begin too low. */
const [unwrapped, wrapped] = [`${escape}?7l`, `${escape}?7h`]
const [lineEnd, below] = [`${escape}K`, `${escape}J`]

const roomOf = ({ columns = 80, rows = 24 }: Out): Room => ({
  width: Math.max(20, columns - 1),
  height: Math.max(1, rows - 1),
})

// eslint-disable-next-line no-control-regex -- colours are what is left out
const bare = (line: string): string => line.replace(/\u001b\[[\d;]*m/g, '')

/** A terminal that became narrower has wrapped what was drawn. */
const rowsOf = (lines: ReadonlyArray<string>, { columns = 80 }: Out): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(bare(line)) / columns)), 0)

export const showLive = (out: Out, frame: (room: Room) => ReadonlyArray<string>): Live => {
  let drawn: ReadonlyArray<string> = []
  let messages: Array<string> = []
  let last = -Infinity

  /** The cursor waits where the last line begins: what is typed is seen there, and moves nothing. */
  const up = (): string => {
    const rows = rowsOf(drawn.slice(0, -1), out)
    return rows > 0 ? `\r${escape}${rows}A` : '\r'
  }
  const take = (): string => {
    const told = messages.map((text) => `${text}\n`).join('')
    messages = []
    return told
  }
  const draw = (): void => {
    last = Date.now()
    const lines = frame(roomOf(out))
    // Messages wrap as any text does; they come where the lines stood.
    const above = messages.length === 0 ? '' : `${below}${take()}`
    out.write(`${up()}${above}${hide}${unwrapped}${lines.map((line) => line + lineEnd).join('\n')}${below}${wrapped}\r`)
    drawn = lines
  }
  const clear = (): void => {
    out.write(`${up()}${below}${take()}${show}`)
    drawn = []
  }
  const timer = setInterval(draw, pace)
  // The process may be ended from elsewhere: a terminal without a cursor would be left behind.
  process.once('exit', clear)
  draw()
  return {
    tell: (text) => {
      messages.push(text)
      if (Date.now() - last >= pace) draw()
    },
    end: () => {
      clearInterval(timer)
      process.off('exit', clear)
      clear()
    },
  }
}
