// How many columns of a terminal a text takes, and how it is made to fit.

const graphemes = new Intl.Segmenter()
/** East Asian wide and full-width characters, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]|\ufe0f/u
const plain = /^[ -~]*$/

const columnsOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : /^[\p{Mn}\p{Cf}]+$/u.test(grapheme) ? 0 : 1)

/** Of one line without escapes. */
export const widthOf = (text: string): number => {
  if (plain.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += columnsOf(segment)
  return columns
}

/** As much of it from the start as has room. */
const startOf = (pieces: ReadonlyArray<string>, room: number): string => {
  let taken = ''
  let left = room
  for (const piece of pieces) {
    left -= columnsOf(piece)
    if (left < 0) break
    taken += piece
  }
  return taken
}

/** The end says more of a path than its middle: what does not fit is left out there. */
export const fitted = (text: string, room: number): string => {
  if (widthOf(text) <= room) return text
  if (room < 2) return ''.padEnd(Math.max(0, room), '…')
  const pieces = Array.from(graphemes.segment(text), ({ segment }) => segment)
  const back = Math.ceil((room - 1) * 0.6)
  const end = Array.from(graphemes.segment(startOf([...pieces].reverse(), back)), ({ segment }) => segment).length
  const tail = pieces.slice(pieces.length - end).join('')
  return `${startOf(pieces, room - 1 - widthOf(tail))}…${tail}`
}

export const padded = (text: string, room: number): string => text + ' '.repeat(Math.max(0, room - widthOf(text)))
