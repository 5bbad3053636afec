// Names as this machine keeps them: which can be said in UTF-8, the free ones that `rename` tries, and temporary ones.
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { longestName } from './faults'

/** Bytes where the name is not valid UTF-8: an entry that no path leads to, yet is copied and removed with its directory. */
export type Name = string | Buffer

/** A lone surrogate has no UTF-8; dots and separators lead elsewhere, should a path hold them that was never parsed. */
const leadsElsewhere = process.platform === 'win32' ? /[\0/\\:]/ : /[\0/]/
export const isRepresentable = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !leadsElsewhere.test(name) && Buffer.from(name).toString() === name

export const decoded = (bytes: Buffer): Name => (isUtf8(bytes) ? bytes.toString('utf8') : bytes)

/** Recognised by core as a temporary, so hidden from listings, and unlike that of any other writer. */
export const newTemporary = (): string => `.anydrive-${randomBytes(6).toString('hex')}`

const cutTo = (text: string, bytes: number): string => {
  let kept = ''
  let used = 0
  for (const character of text) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    kept += character
  }
  return kept
}

/** ` (1)`, ` (2)` … before the last dot that is not first (a directory's name is not split), the stem cut so that the name fits. */
export const numbered = (name: string, kind: 'directory' | 'file', n: number): string => {
  const mark = ` (${n})`
  const dot = name.lastIndexOf('.')
  const extension = kind === 'directory' || dot <= 0 ? '' : name.slice(dot)
  const room = longestName - Buffer.byteLength(mark + extension)
  return room > 0
    ? cutTo(name.slice(0, name.length - extension.length), room) + mark + extension
    : cutTo(name, longestName - mark.length) + mark
}
