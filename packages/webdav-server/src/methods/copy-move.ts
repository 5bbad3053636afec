// COPY and MOVE: by the drive itself, never through this machine.
import { move, type CopyItem, type DriveError, type DrivePath, type Entry } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { coversTree } from '../depth'
import { destinationOf, type Destination } from '../destination'
import { failure } from '../failing'
import { statusOfError } from '../faults'
import { isRoot, look, lookFor, type Answer, type Exchange } from '../gateway'
import { admitted, type Touched } from '../guard'
import { empty, plain, type Reply } from '../reply'
import { copyOnto, moveOnto } from '../replace'

type Settled = Promise<E.Either<DriveError, unknown>>
type Strategy = NonNullable<CopyItem['conflict']>

interface Transfer {
  readonly exchange: Exchange
  readonly source: Entry
  readonly destination: Destination
  /** What stands at the destination. */
  readonly old: Entry | undefined
}

/** On a drive that takes two spellings for one name, both can be the same entry. */
const isSame = ({ source, old }: Transfer): boolean => source.id !== undefined && source.id === old?.id

const copyTo =
  ({ exchange, source, destination }: Transfer, conflict: Strategy) =>
  async (to: DrivePath): Settled => {
    const { drive } = exchange.gateway
    const options = { conflict, parents: 'require' } as const
    if (source.kind === 'directory' && destination.depth === '0') return drive.createDir(to, options)()
    if (source.kind === 'directory' && !drive.capabilities.features.copyDirInBatch)
      return drive.copyDir(source.path, to, options)()
    const copied = await drive.batchCopy([{ from: source.path, to }], options)()
    if (E.isLeft(copied)) return copied
    const [outcome] = copied.right.outcomes
    return outcome?.status === 'failed' ? E.left(outcome.error) : E.right(outcome)
  }

/** Whether the drive itself puts a file in a file's place. */
const replacesFiles = ({ exchange, source, old }: Transfer, row: 'copyFile' | 'moveFile'): boolean => {
  const { support } = exchange.gateway.drive.capabilities.conflict[row].overwrite
  return source.kind === 'file' && old?.kind === 'file' && support !== 'unsupported' && support !== 'as-ask'
}

const copied = (transfer: Transfer): Settled => {
  const { exchange, destination, old } = transfer
  if (old === undefined) return copyTo(transfer, 'ask')(destination.to)
  return replacesFiles(transfer, 'copyFile')
    ? copyTo(transfer, 'overwrite')(destination.to)
    : copyOnto(exchange.gateway, destination.to, copyTo(transfer, 'ask'))
}

const moved = (transfer: Transfer): Settled => {
  const { exchange, source, destination, old } = transfer
  const { gateway } = exchange
  const { to } = destination
  if (old === undefined || isSame(transfer)) return move(gateway.drive, source.path, to, { parents: 'require' })()
  return replacesFiles(transfer, 'moveFile')
    ? move(gateway.drive, source.path, to, { conflict: 'overwrite', parents: 'require' })()
    : moveOnto(gateway, source.path, to)
}

const statusFor = (error: DriveError): number => {
  if (error._tag === 'NameConflict') return 412
  return error._tag === 'WrongKind' ? 409 : statusOfError(error)
}

const follow = ({ exchange, destination, old }: Transfer): void => {
  const { locks, properties, log } = exchange.gateway
  const { to, depth } = destination
  const from = exchange.path
  if (old !== undefined) locks.forget(to, true)
  if (exchange.method === 'MOVE') locks.forget(from)
  const kept = exchange.method === 'MOVE' ? properties.move(from, to) : properties.copy(from, to, depth === 'infinity')
  if (E.isLeft(kept)) log(`the properties of /${from} could not follow it to /${to}: ${kept.left}`)
}

export const copyOrMove = async (exchange: Exchange): Answer<Reply> => {
  if (isRoot(exchange)) return E.left(plain(403, 'the root stays where it is'))
  const destination = destinationOf(exchange)
  if (E.isLeft(destination)) return destination
  const { path, method } = exchange
  const { to, overwrite } = destination.right
  const source = await lookFor(exchange, path)
  if (E.isLeft(source)) return source
  const whole = method === 'MOVE' ? coversTree(exchange, source.right) : E.right(undefined)
  if (E.isLeft(whole)) return whole
  const old = await look(exchange, to)
  if (E.isLeft(old)) return old
  const target: Touched = { path: to, what: old.right === undefined ? 'member' : 'tree' }
  const touched: ReadonlyArray<Touched> = method === 'MOVE' ? [{ path, what: 'tree' }, target] : [target]
  const may = await admitted(exchange, source.right, touched)
  if (E.isLeft(may)) return may
  if (old.right !== undefined && !overwrite) return E.left(plain(412, 'there is an entry of this name already'))
  const transfer: Transfer = { exchange, source: source.right, destination: destination.right, old: old.right }
  const done = await (method === 'MOVE' ? moved(transfer) : copied(transfer))
  if (E.isLeft(done)) return E.left(failure(exchange, done.left, [path, to], statusFor(done.left)))
  follow(transfer)
  return E.right(empty(old.right === undefined ? 201 : 204))
}
