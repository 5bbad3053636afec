// What a task's reference keeps beside what core keeps: enough to name every outcome, whatever SMH leaves out.
import { ConflictStrategy, DrivePath, type Json, type ResolvedItem } from '@anydrive/core'
import * as t from 'io-ts'
import type { Text } from './wire'

const Item = t.exact(
  t.intersection([
    t.type({ from: DrivePath, to: DrivePath, conflict: ConflictStrategy }),
    t.partial({ fromSpace: t.string }),
  ]),
)
export const CopyDirTask = t.strict({ task: t.string, item: Item })
export const PlacingTask = t.exact(
  t.intersection([t.type({ task: t.string, items: t.readonlyArray(Item) }), t.partial({ echo: t.boolean })]),
)
export const RemovingTask = t.strict({ task: t.string, paths: t.readonlyArray(DrivePath), permanent: t.boolean })

const itemOf = ({ from, to, conflict, fromSpace }: ResolvedItem) => ({
  from,
  to,
  conflict,
  ...(fromSpace === undefined ? {} : { fromSpace }),
})

export const copyDirTask = (task: string, item: ResolvedItem): Json => ({ task, item: itemOf(item) })
export const placingTask = (task: string, items: ReadonlyArray<ResolvedItem>, echo: boolean): Json => ({
  task,
  items: items.map(itemOf),
  ...(echo ? { echo } : {}),
})
export const removingTask = (task: string, paths: ReadonlyArray<DrivePath>, permanent: boolean): Json => ({
  task,
  paths,
  permanent,
})

/** The copy-directory page calls it `id`, all others `taskId`; it is a number or a string. */
export const taskIdOf = (answer: {
  readonly taskId?: Text | null | undefined
  readonly id?: Text | null | undefined
}): string | undefined => {
  const id = answer.taskId ?? answer.id
  return id === null || id === undefined || id === '' ? undefined : String(id)
}
