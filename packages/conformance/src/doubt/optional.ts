// Calls of optional verbs that the table of faults is run on.
import {
  fromBytes,
  readText,
  type ConflictStrategy,
  type DrivePath,
  type DriveProvider,
  type Result,
} from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { NotApplicable, Violation } from '../law'
import { everyItem, withVerbs } from '../words'
import type { Table } from './rows'
import { bystander, newText, oldText, several, type Before, type Scenario, type Stated } from './scenario'
import { contentOf, type Node, type Tree } from './tree'

const must = async <A>(what: string, task: Result<A>): Promise<A> => {
  const answer = await task()
  if (E.isLeft(answer)) throw new Violation(`${what}: ${answer.left.message}`)
  return answer.right
}

const done = (answer: E.Either<Extract<Stated, { status: 'failed' }>['error'], unknown>): ReadonlyArray<Stated> => [
  E.isLeft(answer) ? { status: 'failed', error: answer.left } : { status: 'done', how: 'as-asked' },
]

const text = contentOf(Buffer.from(newText))
const inTrash = (name: string): string => `${name} in the trash`

/** Writes files and removes them; their ids in the trash. */
const trashed =
  (names: ReadonlyArray<string>): NonNullable<Scenario['arrange']> =>
  async (observer, at) => {
    const ids: Array<string> = []
    for (const name of names) {
      await must('a file of a case', observer.writeFile(at(name), fromBytes(newText)))
      const { outcomes } = await must('its removal', observer.batchRemove([at(name)], { requireTrash: true }))
      const [outcome] = outcomes
      if (outcome?.status !== 'done') throw new Violation('the file of a case is not in the trash')
      if (outcome.trashId === undefined) throw new NotApplicable('the removal does not report the id in the trash')
      ids.push(outcome.trashId)
    }
    return ids
  }

const trashOf =
  (names: ReadonlyArray<string>): NonNullable<Scenario['observe']> =>
  async (observer, _, ids) => {
    const able = withVerbs(observer, 'operations.listTrash')
    const all = await everyItem((cursor) => must('the trash', able.listTrash({ cursor })))
    const there = new Set(all.map(({ trashId }) => trashId))
    return new Map(names.flatMap((name, i) => (there.has(ids[i] ?? '') ? [[inTrash(name), text] as const] : [])))
  }

const inTrashFirst = ['operations.batchRemove', 'features.trash', 'operations.listTrash'] as const
const ofTrash = (names: ReadonlyArray<string>) =>
  ({ arrange: trashed(names), observe: trashOf(names) }) satisfies Partial<Scenario>

/** A file of the trash, under the id that its removal reported. */
const restore = (conflict: ConflictStrategy, what: string, before: Before, table: Table): Scenario => ({
  operation: 'restore',
  name: `restore under ${conflict}, ${what}`,
  needs: [...inTrashFirst, 'operations.restore', `conflict.restore.${conflict}`],
  before: { ...bystander, ...before },
  units: [{ effect: 'move', from: inTrash('t'), to: 't', conflict }],
  ...ofTrash(['t']),
  call: async (drive, _, options, ids) =>
    several(await withVerbs(drive, 'operations.restore').restore(ids, { ...options, conflict })(), 1),
  table,
})

const purge = (what: string, names: ReadonlyArray<string>, table: Table): Scenario => ({
  operation: 'purge',
  name: `purge, ${what}`,
  needs: [...inTrashFirst, 'operations.purge'],
  before: bystander,
  units: names.map((name) => ({ effect: 'remove', from: inTrash(name), conflict: 'ask' })),
  ...ofTrash(names),
  call: async (drive, _, options, ids) => {
    const stated = several(await withVerbs(drive, 'operations.purge').purge(ids, options)(), names.length)
    return stated.map((one) => (one.status === 'done' ? { status: 'done' } : one))
  },
  table,
})

const emptyTrash: Scenario = {
  operation: 'emptyTrash',
  name: 'emptyTrash',
  needs: [...inTrashFirst, 'operations.emptyTrash'],
  before: bystander,
  units: [{ effect: 'remove', from: inTrash('t'), conflict: 'ask' }],
  ...ofTrash(['t']),
  alone: true,
  call: async (drive, _, options) => done(await withVerbs(drive, 'operations.emptyTrash').emptyTrash(options)()),
  table: 'whole',
}

/** What a file holds, and each content that it held. */
const contentsOf = async (observer: DriveProvider, path: DrivePath): Promise<Tree> => {
  const able = withVerbs(observer, 'operations.listVersions')
  const versions = await everyItem((cursor) => must('the versions', able.listVersions(path, { cursor })))
  const textOf = async (version?: string): Promise<Node> => {
    const content = await must('a version', able.readFile(path, { version }))
    return contentOf(Buffer.from(await must('a version', readText(content))))
  }
  const contents: Array<readonly [string, Node]> = [['t', await textOf()]]
  for (const { versionId } of versions) contents.push([`t held ${await textOf(versionId)}`, 'yes'])
  return new Map(contents)
}

const restoreVersion: Scenario = {
  operation: 'restoreVersion',
  name: 'restoreVersion of what a file held before',
  needs: ['operations.restoreVersion', 'operations.listVersions', 'conflict.writeFile.overwrite'],
  before: bystander,
  units: [{ effect: 'write', to: 't', content: contentOf(Buffer.from(oldText)), conflict: 'overwrite' }],
  arrange: async (observer, at) => {
    for (const content of [oldText, newText])
      await must('a file of a case', observer.writeFile(at('t'), fromBytes(content), { conflict: 'overwrite' }))
    const able = withVerbs(observer, 'operations.listVersions')
    const versions = await everyItem((cursor) => must('the versions', able.listVersions(at('t'), { cursor })))
    const id = versions.at(-1)?.versionId
    if (id === undefined || versions.length < 2)
      throw new Violation('the earlier content of a file is no version of it')
    return [id]
  },
  observe: (observer, at) => contentsOf(observer, at('t')),
  call: async (drive, at, options, [id = '']) =>
    done(await withVerbs(drive, 'operations.restoreVersion').restoreVersion(at('t'), id, options)()),
  table: 'whole',
}

const then = new Date('2020-02-03T04:05:06.000Z')
const modified = 'modified time of t'

const setTimes = (what: string, before: Before, table: Table): Scenario => ({
  operation: 'setTimes',
  name: `setTimes of ${what}`,
  needs: ['operations.setTimes'],
  before: { ...bystander, ...before },
  units: [{ effect: 'write', to: modified, content: then.toISOString(), conflict: 'overwrite' }],
  observe: async (observer, at) => {
    const { modifiedAt } = await must('the entry of a case', observer.stat(at('t')))
    return new Map([[modified, modifiedAt?.toISOString() ?? 'none']])
  },
  call: async (drive, at, options) =>
    done(await withVerbs(drive, 'operations.setTimes').setTimes(at('t'), { modifiedAt: then }, options)()),
  table,
})

export const optionalScenarios: ReadonlyArray<Scenario> = [
  emptyTrash,
  restore('ask', 'name free', {}, 'whole'),
  restore('ask', 'name taken by a file of the same size', { t: oldText }, 'short'),
  restore('rename', 'name free', {}, 'short'),
  restore('rename', 'name taken by a file of the same size', { t: oldText }, 'main'),
  restore('overwrite', 'a file of the same size', { t: oldText }, 'short'),
  purge('a file', ['t'], 'whole'),
  purge('several files', ['t', 'u'], 'short'),
  restoreVersion,
  setTimes('a file', { t: newText }, 'whole'),
  setTimes('a directory', { t: undefined }, 'short'),
]
