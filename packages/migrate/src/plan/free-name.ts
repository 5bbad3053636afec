// A name that nothing bears yet, for what cannot have the name wanted.
import { child, type DrivePath, type DriveProvider, type Naming } from '@anydrive/core'
import { nameLength } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'

const most = 100

export interface Places {
  readonly to: { readonly drive: DriveProvider; readonly dir: DrivePath }
  readonly from: { readonly drive: DriveProvider; readonly dir: DrivePath }
  /** Given already to other entries; the name found is added. */
  readonly given: Set<string>
  /** The same for names that the destination may take for one. */
  readonly key: (name: string) => string
  readonly signal?: AbortSignal | undefined
}

export const numbered = ({ maxLength, lengthUnit }: Naming, name: string, n: number): string => {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const points = Array.from(stem)
  const tail = ` (${n})${extension}`
  while (points.length > 1 && nameLength(points.join('') + tail, lengthUnit) > maxLength) points.pop()
  return points.join('') + tail
}

/** `name (1).txt` and so on: one that stands on neither side. Undefined where the first hundred are taken. */
export const freeName = async (
  { to, from, given, key, signal }: Places,
  wanted: string,
): Promise<DrivePath | undefined> => {
  const stands = async (drive: DriveProvider, dir: DrivePath, name: string): Promise<boolean> => {
    const path = child(dir, name)
    return E.isRight(path) && E.isRight(await drive.stat(path.right, { signal })())
  }
  for (let n = 1; n <= most && signal?.aborted !== true; n++) {
    const name = numbered(to.drive.capabilities.naming, wanted, n)
    const path = child(to.dir, name)
    if (E.isLeft(path)) return undefined
    if (given.has(key(name))) continue
    if ((await stands(to.drive, to.dir, name)) || (await stands(from.drive, from.dir, name))) continue
    given.add(key(name))
    return path.right
  }
  return undefined
}
