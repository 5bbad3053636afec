// cat: writes a file's bytes to standard output.
import { DriveException, type ByteRange } from '@anydrive/core'
import { InvalidArgumentError } from 'commander'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate, type Answer, type Context } from '../context'
import type { Location } from '../location'
import { exits, interrupted, ofDrive } from '../problem'

interface Options {
  readonly range?: ByteRange
}

/** `START:END` without END, as slices are written; `FIRST-LAST` with LAST, as HTTP writes ranges. END and LAST may be omitted. */
const rangeOf = (text: string): ByteRange => {
  const [, start, sign, end] = /^(\d+)([:-])(\d*)$/.exec(text) ?? []
  if (start === undefined || end === undefined)
    throw new InvalidArgumentError('It must be START:END (without END) or FIRST-LAST (with LAST), in bytes from 0.')
  return end === '' ? { start: Number(start) } : { start: Number(start), end: Number(end) + (sign === '-' ? 1 : 0) }
}

export const cat = async (context: Context, { drive, path }: Location, range?: ByteRange): Promise<Answer> => {
  const { signal, out } = context
  const content = await drive.readFile(path, { range, signal })()
  if (E.isLeft(content)) return E.left(ofDrive(content.left))
  const { stream } = content.right
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      await out.bytes(chunk)
      if (signal.aborted) return out.isClosed() ? E.right(exits.done) : E.left(interrupted)
    }
    return E.right(exits.done)
  } catch (u) {
    if (signal.aborted && out.isClosed()) return E.right(exits.done)
    if (DriveException.is(u)) return E.left(ofDrive(u.error))
    return E.left({ exit: exits.unavailable, message: 'the download was interrupted', remedy: 'Run it again.' })
  } finally {
    stream.destroy()
  }
}

export const addCat: Add = (program, run) => {
  program
    .command('cat')
    .argument('<place>')
    .description('write a file to standard output')
    .option('--range <range>', 'START:END (without END), or FIRST-LAST (with LAST), in bytes from 0', rangeOf)
    .action(
      run(async (context, [text], { range }: Options) => {
        const place = locate(context, text)
        return E.isLeft(place) ? place : cat(context, place.right, range)
      }),
    )
}
