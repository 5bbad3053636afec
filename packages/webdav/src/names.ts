// Names that we make: the free ones that `rename` tries, and temporary ones.
import { isTemporary, nameOf, parentOf, temporaryName, under, type DrivePath } from '@anydrive/core'
import { randomBytes } from 'node:crypto'

/** Bytes of a name that the file systems under the common servers take (docs/wire/webdav.md, names). */
const longest = 255

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

const beside = (path: DrivePath, name: string): DrivePath => under(parentOf(path), name as DrivePath)

/** For content on its way in: recognised by core as a temporary, so hidden from listings, and unlike that of any other writer. */
export const newTemporary = (target: DrivePath): DrivePath => {
  const mark = `.anydrive-${randomBytes(6).toString('hex')}`
  return beside(target, cutTo(nameOf(target), longest - mark.length).slice(0, 200) + mark)
}

/** For an old file set aside: the name that `leftovers` of core finds its way back from, where a name may be so long. */
export const asideName = (target: DrivePath): DrivePath => {
  const name = temporaryName(target, 'old')
  return Buffer.byteLength(name) <= longest && isTemporary(name) ? beside(target, name) : newTemporary(target)
}

/** ` (1)`, ` (2)` … before the last dot that is not first (a directory's name is not split), the stem cut so that the name fits. */
export const numbered = (path: DrivePath, kind: 'directory' | 'file', n: number): DrivePath => {
  const name = nameOf(path)
  const mark = ` (${n})`
  const dot = name.lastIndexOf('.')
  const extension = kind === 'directory' || dot <= 0 ? '' : name.slice(dot)
  const room = longest - Buffer.byteLength(mark + extension)
  const free =
    room > 0
      ? cutTo(name.slice(0, name.length - extension.length), room) + mark + extension
      : cutTo(name, longest - mark.length) + mark
  return beside(path, free)
}
