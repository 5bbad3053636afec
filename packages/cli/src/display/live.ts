// Lines that stay at the foot of a terminal while messages pass above them.
import type { Screen } from '../output'
import type { Room } from './frame'
import { widthOf } from './width'

export interface Live {
  /** Above the lines, at the next redraw at the latest. */
  readonly message: (text: string) => void
  /** Removes the lines, keeps the messages, and restores the cursor. */
  readonly end: () => void
}

/** Milliseconds between two drawings. */
const pace = 200

const escape = '\u001b['
const [hide, show] = [`${escape}?25l`, `${escape}?25h`]
/** A line that is wider than the terminal would take two, and the next drawing would begin too low. */
const [unwrapped, wrapped] = [`${escape}?7l`, `${escape}?7h`]
const [lineEnd, below] = [`${escape}K`, `${escape}J`]

const roomOf = ({ columns = 80, rows = 24 }: Screen): Room => ({
  width: Math.max(20, columns - 1),
  height: Math.max(1, rows - 1),
})

// eslint-disable-next-line no-control-regex -- color codes are what this removes
const bare = (line: string): string => line.replace(/\u001b\[[\d;]*m/g, '')

/** A terminal that became narrower has wrapped what was drawn. */
const rowsOf = (lines: ReadonlyArray<string>, { columns = 80 }: Screen): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(bare(line)) / columns)), 0)

export const showLive = (screen: Screen, frame: (room: Room) => ReadonlyArray<string>): Live => {
  let drawn: ReadonlyArray<string> = []
  let messages: Array<string> = []
  let last = -Infinity

  /** The cursor waits at the beginning of the last line, where typed text is visible and moves nothing. */
  const up = (): string => {
    const rows = rowsOf(drawn.slice(0, -1), screen)
    return rows > 0 ? `\r${escape}${rows}A` : '\r'
  }
  const takeMessages = (): string => {
    const text = messages.map((text) => `${text}\n`).join('')
    messages = []
    return text
  }
  const draw = (): void => {
    last = Date.now()
    const lines = frame(roomOf(screen))
    // Messages may wrap; they are written where the lines were.
    const above = messages.length === 0 ? '' : `${below}${takeMessages()}`
    screen.write(
      `${up()}${above}${hide}${unwrapped}${lines.map((line) => line + lineEnd).join('\n')}${below}${wrapped}\r`,
    )
    drawn = lines
  }
  const clear = (): void => {
    screen.write(`${up()}${below}${takeMessages()}${show}`)
    drawn = []
  }
  const timer = setInterval(draw, pace)
  // The process may be ended from elsewhere: a terminal without a cursor would be left behind.
  process.once('exit', clear)
  draw()
  return {
    message: (text) => {
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
