// Wrong values from JavaScript callers are the caller's mistake: refused before anything is sent, by the name of the argument.
import { fromBytes, path, retryAdvice, root, toPromises, type DriveError, type Result } from '../src'
import type { Verb } from '../src/adapter'
import { toy } from './toy'

type Drive = ReturnType<typeof toy>['drive']
/** As an untyped program calls it. */
const js = (drive: Drive) =>
  drive as unknown as { readonly [verb in keyof Drive]: (...args: ReadonlyArray<unknown>) => Result<unknown> }

test.each([
  ['stat', [7], 'path'],
  ['stat', [undefined], 'path'],
  ['stat', [null, {}], 'path'],
  ['stat', ['a', { timeout: Number.NaN }], 'options.timeout'],
  ['stat', ['a', { timeout: '5' }], 'options.timeout'],
  ['stat', ['a', { timeout: -1 }], 'options.timeout'],
  ['stat', ['a', { signal: {} }], 'options.signal'],
  ['stat', ['a', { signal: 'now' }], 'options.signal'],
  ['stat', ['a', 'b'], 'options'],
  ['list', ['', { limit: Number.NaN }], 'options.limit'],
  ['list', ['', { cursor: 3 }], 'options.cursor'],
  ['list', ['', { temporaries: true }], 'options.temporaries'],
  ['createDir', ['x', { conflict: 'merge' }], 'options.conflict'],
  ['createDir', ['x', { conflict: 'toString' }], 'options.conflict'],
  ['createDir', ['x', { parents: true }], 'options.parents'],
  ['createDir', ['x', { createdAt: new Date(Number.NaN) }], 'options.createdAt'],
  ['createDir', ['x', { modifiedAt: '2026-01-01' }], 'options.modifiedAt'],
  ['copyDir', ['a', ['b']], 'to'],
  ['copyDir', ['a', 'b', { wait: 'no' }], 'options.wait'],
  ['batchMove', ['a'], 'items'],
  ['batchMove', [[{ from: 'a', to: 'b' }, { from: 'a' }]], 'items[1].to'],
  ['batchMove', [[{ from: 'a', to: 'b', conflict: 'replace' }]], 'items[0].conflict'],
  ['batchMove', [[null]], 'items[0]'],
  ['batchCopy', [[{ from: 'a', to: 'b', fromSpace: 7 }]], 'items[0].fromSpace'],
  ['batchRemove', [[{ path: 7 }]], 'items[0].path'],
  ['batchRemove', [['a'], { permanent: 1 }], 'options.permanent'],
  ['readFile', ['a', { range: { start: '0' } }], 'options.range.start'],
  ['readFile', ['a', { range: [0, 1] }], 'options.range'],
  ['readFile', ['a', { timeout: Number.NaN }], 'options.timeout'],
  ['writeFile', ['f'], 'source'],
  ['writeFile', ['f', 'text'], 'source'],
  ['writeFile', ['f', fromBytes('x'), { onProgress: 1 }], 'options.onProgress'],
  ['writeFile', ['f', fromBytes('x'), { modifiedAt: new Date('never') }], 'options.modifiedAt'],
  ['abandonUpload', ['x'], 'ref'],
  ['task', [undefined], 'ref'],
  ['usage', [{ timeout: Number.NaN }], 'options.timeout'],
] as ReadonlyArray<[Verb, ReadonlyArray<unknown>, string]>)('%s(%j) names %s', async (verb, args, argument) => {
  const { drive, calls } = toy({ a: 'x' })
  const result = await js(drive)[verb as 'stat'](...args)()
  expect(result).toMatchObject({ left: { _tag: 'InvalidArgument', vendor: 'toy', operation: verb, argument } })
  const error = (result as { readonly left: DriveError }).left
  expect(error.message).toContain(`the argument ${argument} is wrong: expected `)
  expect(retryAdvice(error)).toBe('no')
  expect(calls).toEqual([])
})

test.each(['a//b', '../a', 'a/./b', 'a\0b'])('the path %j is InvalidPath, wherever it is given', async (text) => {
  const { drive, calls } = toy({ a: 'x' })
  const calling = js(drive)
  for (const task of [
    calling.stat(text),
    calling.copyDir('a', text),
    calling.batchMove([{ from: 'a', to: text }]),
    calling.batchRemove([{ path: text }]),
    calling.batchRemove([text]),
  ])
    expect(await task()).toMatchObject({ left: { _tag: 'InvalidPath' } })
  expect(calls).toEqual([])
})

test('plain strings that are paths are parsed', async () => {
  const { drive, calls } = toy({ a: 'x', d: null })
  await js(drive).stat('/d/')()
  await js(drive).batchMove([{ from: '/a', to: 'd/a/' }])()
  expect(calls).toEqual(['stat d', 'batchMove a→d/a'])
})

test('the promise face refuses the same, before it reads a stream', async () => {
  const files = toPromises(toy({ a: 'x' }).drive)
  const calling = files as unknown as { readonly [verb: string]: (...args: ReadonlyArray<unknown>) => Promise<unknown> }
  for (const [promise, argument] of [
    [calling['stat']?.(7), 'path'],
    [calling['batchMove']?.([{ from: 7, to: 'b' }]), 'items[0].from'],
    [calling['writeFile']?.('f', null), 'content'],
    [calling['writeFile']?.('f', 7), 'content'],
    [calling['writeFile']?.('f', {}), 'source'],
    [calling['writeFile']?.('f', 'x', { conflict: 'merge' }), 'options.conflict'],
    [calling['usage']?.({ timeout: 'soon' }), 'options.timeout'],
  ] as const)
    await expect(promise).rejects.toMatchObject({ code: 'InvalidArgument', error: { argument } })
})

describe('durations', () => {
  const slow = () => {
    const it = toy({ a: 'x' })
    const { stat } = it.operations
    it.operations.stat = (p, call) => async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return stat(p, call)()
    }
    return it.drive
  }
  test.each([2 ** 31, 2 ** 40, Number.MAX_VALUE, Infinity])(
    'a time-out of %d ms does not end the call',
    async (timeout) => {
      const warnings: Array<string> = []
      const listen = (warning: Error) => warnings.push(warning.name)
      process.on('warning', listen)
      expect(await slow().stat(path('a'), { timeout })()).toMatchObject({ right: { kind: 'file' } })
      process.off('warning', listen)
      expect(warnings).toEqual([])
    },
  )
  test('a time-out of 0 ends it', async () => {
    expect(await slow().stat(path('a'), { timeout: 0 })()).toMatchObject({ left: { _tag: 'Timeout', effect: 'none' } })
  })
})

test('any number of calls share one signal without a warning', async () => {
  const warnings: Array<string> = []
  const listen = (warning: Error) => warnings.push(warning.message)
  process.on('warning', listen)
  const { drive } = toy({ a: 'x' })
  const { signal } = new AbortController()
  await Promise.all(Array.from({ length: 40 }, () => drive.stat(path('a'), { signal })()))
  await Promise.all(Array.from({ length: 40 }, () => drive.list(root, { signal })()))
  await new Promise(setImmediate)
  process.off('warning', listen)
  expect(warnings).toEqual([])
})
