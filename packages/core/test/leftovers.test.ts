import * as E from 'fp-ts/Either'
import { leftovers, path, root, type DrivePath } from '../src'
import { temporaryName } from '../src/adapter'
import { toy } from './toy'

const temporary = (target: string, use: 'new' | 'old' | 'move') => temporaryName(target as DrivePath, use)
const repaired = async (start: Record<string, string>, targets?: ReadonlyArray<string>) => {
  const it = toy(start)
  const answer = await leftovers(it.drive, root, { targets: targets?.map((one) => one as DrivePath) })()
  if (E.isLeft(answer)) throw new Error(answer.left.message)
  return { done: answer.right.map((l) => `${l.use ?? '?'} ${l.done}`), names: Object.fromEntries(it.nodes) }
}

test('an old file that nothing replaced is put back, and the unfinished new one goes', async () => {
  expect(await repaired({ [temporary('f', 'new')]: 'new', [temporary('f', 'old')]: 'old' })).toEqual({
    done: ['old restored', 'new removed'],
    names: { f: 'old' },
  })
})
test('an old file that was replaced goes', async () => {
  expect(await repaired({ f: 'new', [temporary('f', 'old')]: 'old' })).toEqual({
    done: ['old removed'],
    names: { f: 'new' },
  })
})
test('new content beside the file that it should replace goes', async () => {
  expect(await repaired({ f: 'old', [temporary('f', 'new')]: 'new' })).toEqual({
    done: ['new removed'],
    names: { f: 'old' },
  })
})
test('a move is finished where its name is free, and kept where it is not', async () => {
  expect(await repaired({ [temporary('f', 'move')]: 'x' })).toEqual({ done: ['move restored'], names: { f: 'x' } })
  const name = temporary('f', 'move')
  expect(await repaired({ f: 'y', [name]: 'x' })).toEqual({ done: ['move kept'], names: { f: 'y', [name]: 'x' } })
})
test('a temporary of somewhere else is kept', async () => {
  const name = temporaryName(path('elsewhere/f'), 'move')
  expect(await repaired({ [name]: 'x' })).toEqual({ done: ['? kept'], names: { [name]: 'x' } })
})
test('a temporary whose name holds only a part of its target’s is known by the target, if that exists or is given', async () => {
  const name = `a-long-name${temporary('a-long-name-indeed', 'old').slice('a-long-name-indeed'.length)}`
  expect(await repaired({ 'a-long-name-indeed': 'new', [name]: 'old' })).toEqual({
    done: ['old removed'],
    names: { 'a-long-name-indeed': 'new' },
  })
  expect(await repaired({ [name]: 'old' })).toEqual({ done: ['? kept'], names: { [name]: 'old' } })
  expect(await repaired({ [name]: 'old' }, ['a-long-name-indeed'])).toEqual({
    done: ['old restored'],
    names: { 'a-long-name-indeed': 'old' },
  })
})
test('of given targets only their temporaries are repaired', async () => {
  const [f, g] = [temporary('f', 'old'), temporary('g', 'old')]
  expect(await repaired({ f: 'new', [f]: 'old', g: 'new', [g]: 'old' }, ['f'])).toEqual({
    done: ['old removed'],
    names: { f: 'new', g: 'new', [g]: 'old' },
  })
})
