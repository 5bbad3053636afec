// Random trees on this machine, with the names that clients and servers are known to stumble over.
import { walk, type DriveProvider } from '@anydrive/core'
import { createHash } from 'node:crypto'
import * as E from 'fp-ts/Either'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const names = [
  'plain.txt',
  'two words',
  'a#b',
  '100%',
  '%2F',
  'question?',
  'a+b&c;d=e',
  "it's",
  'quo"te',
  '中文 名字',
  'e\u0301 (decomposed)',
  '😀',
  '[x]{y}',
  '~tilde',
  'back\\slash',
  'colon:star*',
  '<tag>',
  'ends with a dot.',
]

/** The same for the same seed. */
const random = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
}

const sizes = [0, 1, 100, 4096, 70_000]

/** Without the names that hold one of `forbidden`; `share` of the others is chosen, in percent. */
export const plantTree = (dir: string, seed: number, { forbidden = '', share = 66 } = {}): void => {
  const below = random(seed)
  const allowed = names.filter((name) => !Array.from(forbidden).some((c) => name.includes(c)))
  const grow = (at: string, depth: number): void => {
    const chosen = allowed.filter(() => below(100) < share)
    for (const name of chosen) {
      const path = join(at, name)
      if (depth < 2 && below(5) === 0) {
        mkdirSync(path)
        grow(path, depth + 1)
      } else writeFileSync(path, Buffer.alloc(sizes[below(sizes.length)] ?? 0, below(256)))
    }
  }
  grow(dir, 0)
}

const digestOf = async (drive: DriveProvider, path: Parameters<DriveProvider['stat']>[0]): Promise<string> => {
  const content = await drive.readFile(path)()
  if (E.isLeft(content)) throw new Error(content.left.message)
  const hash = createHash('sha256')
  for await (const chunk of content.right.stream as AsyncIterable<Uint8Array>) hash.update(chunk)
  return hash.digest('hex')
}

/** Every path with what it holds, sorted. */
export const contentsOf = async (drive: DriveProvider): Promise<ReadonlyArray<string>> => {
  const lines: Array<string> = []
  for await (const entry of walk(drive)) {
    if (E.isLeft(entry)) throw new Error(entry.left.message)
    const { path, kind } = entry.right
    lines.push(kind === 'file' ? `${path} ${await digestOf(drive, path)}` : `${path}/`)
  }
  return lines.sort()
}
