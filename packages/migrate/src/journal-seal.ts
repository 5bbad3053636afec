// The companion of a journal, FILE-seal: how many batches the journal has committed, kept outside the database so that a loss there shows.
import * as E from 'fp-ts/Either'
import { closeSync, fsyncSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'

export interface Seal {
  /** Of the journal that it belongs to. */
  readonly id: string
  /** Batches committed; the database has at least as many. */
  readonly counter: number
  /** Checksum of the part of the database that never changes; empty until the database has been created. */
  readonly schema: string
}

/** 53 bits of a text: damage shows, it is no protection against an attacker. */
export const hashOf = (text: string): number => {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 2654435761)
    b = Math.imul(b ^ c, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}

export const sealFile = (file: string): string => `${file}-seal`

/** Of one length, so that it is replaced in place by one write. */
const length = 128
const textOf = ({ id, counter, schema }: Seal): string => {
  const text = `anydrive-journal ${id} ${counter} ${schema === '' ? '-' : schema}`
  return `${`${text} ${hashOf(text).toString(36)}`.padEnd(length - 1)}\n`
}

const pattern = /^(anydrive-journal (\S+) (\d+) (\S+)) (\S+) *\n$/

/** `missing` also where it is empty. */
export const readSeal = (file: string): E.Either<'missing' | 'damaged', Seal> => {
  const text = E.tryCatch(
    () => readFileSync(sealFile(file), 'latin1'),
    () => 'missing' as const,
  )
  if (E.isLeft(text)) return text
  if (text.right === '') return E.left('missing')
  const [, all = '', id = '', counter = '', schema = '', hash] = pattern.exec(text.right) ?? []
  return hash === hashOf(all).toString(36)
    ? E.right({ id, counter: Number(counter), schema: schema === '-' ? '' : schema })
    : E.left('damaged')
}

export interface SealWriter {
  /** Throws as the file system does. */
  readonly write: (seal: Seal) => void
  readonly close: () => void
}
/** `seal` is on the disk once this returns; later ones are in the hands of the system, so that they survive this process. */
export const openSeal = (file: string, seal: Seal): SealWriter => {
  const fd = openSync(sealFile(file), 'as+', 0o600)
  closeSync(fd)
  const out = openSync(sealFile(file), 'r+')
  const write = (it: Seal): void => {
    writeSync(out, textOf(it), 0, 'latin1')
  }
  write(seal)
  fsyncSync(out)
  return {
    write,
    close: () => {
      closeSync(out)
    },
  }
}

/** The bytes of a database's first page that hold its format and schema, and so stay the same for as long as it exists. */
export const schemaHash = (file: string): string => {
  const page = Buffer.alloc(4096)
  const fd = openSync(file, 'r')
  try {
    readSync(fd, page, 0, page.length, 0)
  } finally {
    closeSync(fd)
  }
  const constant = [page.subarray(0, 24), page.subarray(40, 92), page.subarray(100)]
  return hashOf(Buffer.concat(constant).toString('latin1')).toString(36)
}
