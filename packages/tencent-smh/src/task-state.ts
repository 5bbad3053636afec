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
/** An earlier call's answer was lost: what this task finds done may be that call's work. */
const repetition = t.partial({ repeated: t.boolean })
export const CopyDirTask = t.exact(t.intersection([t.type({ task: t.string, item: Item }), repetition]))
export const PlacingTask = t.exact(
  t.intersection([
    t.type({ task: t.string, items: t.readonlyArray(Item) }),
    t.partial({ echo: t.boolean }),
    repetition,
  ]),
)
export const RemovingTask = t.exact(
  t.intersection([t.type({ task: t.string, paths: t.readonlyArray(DrivePath), permanent: t.boolean }), repetition]),
)
const noted = (repeated: boolean) => (repeated ? { repeated } : {})

const itemOf = ({ from, to, conflict, fromSpace }: ResolvedItem) => ({
  from,
  to,
  conflict,
  ...(fromSpace === undefined ? {} : { fromSpace }),
})

export const copyDirTask = (task: string, item: ResolvedItem, repeated: boolean): Json => ({
  task,
  item: itemOf(item),
  ...noted(repeated),
})
export const placingTask = (
  task: string,
  items: ReadonlyArray<ResolvedItem>,
  how: { readonly echo: boolean; readonly repeated: boolean },
): Json => ({
  task,
  items: items.map(itemOf),
  ...(how.echo ? { echo: true } : {}),
  ...noted(how.repeated),
})
export const removingTask = (
  task: string,
  paths: ReadonlyArray<DrivePath>,
  how: { readonly permanent: boolean; readonly repeated: boolean },
): Json => ({
  task,
  paths,
  permanent: how.permanent,
  ...noted(how.repeated),
})

/** The copy-directory page calls it `id`, all others `taskId`; it is a number or a string. */
export const taskIdOf = (answer: {
  readonly taskId?: Text | null | undefined
  readonly id?: Text | null | undefined
}): string | undefined => {
  const id = answer.taskId ?? answer.id
  return id === null || id === undefined || id === '' ? undefined : String(id)
}
