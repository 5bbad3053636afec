// The settings of a memory drive, from JSON.
import * as E from 'fp-ts/Either'
import { createRegistry } from '@anydrive/core'
import { memory, MemorySettings, openMemory } from '../src'

test('a registry opens it from JSON, and the capabilities follow the settings', () => {
  const registry = createRegistry([memory])
  const settings = { type: 'memory', trash: true, background: true, limits: { page: 7 }, naming: { forbidden: ':' } }
  const opened = registry.openUnknown(settings)
  if (E.isLeft(opened)) throw new Error(opened.left.message)
  expect(opened.right.capabilities).toMatchObject({
    features: { trash: true, background: true },
    limits: { page: 7 },
    naming: { forbidden: ':', maxLength: 255 },
  })
  expect(openMemory().capabilities).toMatchObject({ features: { trash: false, background: false } })
})

test('settings that are wrong are named', () => {
  const opened = createRegistry([memory]).openUnknown({ type: 'memory', limits: { page: 'many' } })
  expect(opened).toMatchObject(E.left({ _tag: 'InvalidSettings', issues: [{ at: 'limits.page' }] }))
})

test('limits that make no sense are refused', () => {
  for (const settings of [{ limits: { page: 0 } }, { capacity: -1 }, { latency: -1 }, { background: { looks: -1 } }])
    expect(E.isLeft(MemorySettings.decode(settings))).toBe(true)
})
