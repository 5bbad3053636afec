// What core keeps in a task's reference beside the adapter's own state, so that any process can make the whole result.
import * as t from 'io-ts'
import type { Json, TaskRef } from './task'
import { Json as JsonCodec } from './task'
import { ConflictStrategy } from './conflict'
import { DrivePath } from './path'

/** Not exact: an outcome carries its item with all that a vendor's item has. */
const Item = t.intersection([
  t.type({ from: DrivePath, to: DrivePath }),
  t.partial({ conflict: ConflictStrategy, fromSpace: t.string }),
])
const Removal = t.union([
  DrivePath,
  t.exact(t.intersection([t.type({ path: DrivePath }), t.partial({ ifVersion: t.string })])),
])

export const CopyDirState = t.strict({ from: DrivePath, to: DrivePath, task: JsonCodec })
export const PlacingState = t.strict({ items: t.readonlyArray(Item), task: JsonCodec })
export const RemovingState = t.strict({ items: t.readonlyArray(Removal), task: JsonCodec })

/** Without the keys that hold `undefined`, which JSON does not have. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

export const copyDirRef = (vendor: string, from: DrivePath, to: DrivePath, task: Json): TaskRef<'copyDir'> => ({
  vendor,
  operation: 'copyDir',
  state: { from, to, task },
})

export const batchRef = (
  vendor: string,
  operation: 'batchMove' | 'batchCopy' | 'batchRemove',
  items: ReadonlyArray<unknown>,
  task: Json,
): TaskRef => ({ vendor, operation, state: { items: plain(items), task } })
