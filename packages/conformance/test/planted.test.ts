// The kit on a toy service: an adapter that keeps the contract keeps every law, and each planted fault is caught.
import type { Operation } from '@anydrive/core'
import { checkUnderFaults, laws, runDoubt, runLaw, startFaultProxy, type Subject } from '../src'
import { openToy } from './toy-adapter'
import { bugs, toyCapabilities, type Bug } from './toy-client'
import { serveToy } from './toy-server'

let server: Awaited<ReturnType<typeof serveToy>>
beforeAll(async () => {
  server = await serveToy()
})
afterAll(() => server.close())

const subjectOf = (bug?: Bug): Subject => {
  const capabilities = toyCapabilities(server.capabilities)
  return {
    capabilities,
    open: () => openToy(server.url, capabilities, bug),
    hooks: {
      http: {
        url: () => server.url,
        open: (url, environment) => openToy(url, capabilities, bug, environment),
        refusal: () => ({ status: 403, headers: { 'content-type': 'application/json' }, body: '{"code":"refused"}' }),
      },
      multipartSize: 1017,
      pendingUploads: server.pendingUploads,
      holdTasks: server.holdTasks,
      failItems: server.failItems,
    },
  }
}

const brokenLaws = async (bug: Bug | undefined, named: (name: string) => boolean): Promise<ReadonlyArray<string>> => {
  const broken: Array<string> = []
  for (const law of laws.filter(({ name }) => named(name))) {
    const result = await runLaw(subjectOf(bug), law)
    if (result.status === 'broken') broken.push(law.name)
  }
  return broken
}

test('an adapter that keeps the contract keeps the laws of faults', async () => {
  const broken: Array<string> = []
  for (const law of laws.filter(
    ({ needsHooks, name }) => needsHooks !== undefined || /of another size|has stalled/.test(name),
  )) {
    const result = await runLaw(subjectOf(), law)
    if (result.status === 'broken') broken.push(`${law.operation}: ${law.name}: ${result.why}`)
  }
  expect(broken).toEqual([])
}, 600_000)

test('an adapter that keeps the contract says what is true in every row of the table', async () => {
  const { cases, contradictions } = await runDoubt(subjectOf())
  expect(contradictions).toEqual([])
  expect(cases).toBeGreaterThan(500)
}, 600_000)

/** Random programs while connections are lost: single ones before the effect of a request or after it, and many in a row. */
const underFaults = async (bug: Bug | undefined, steps: number): Promise<void> => {
  const proxy = await startFaultProxy(server.url)
  const { capabilities } = subjectOf()
  let count = 0
  const faults = {
    on: () =>
      proxy.intercept(async (_, forward) => {
        count++
        if (count % 7 === 0) return 'drop'
        const response = await forward()
        return count % 11 === 0 || count % 40 > 30 ? 'drop' : response
      }),
    off: () => proxy.intercept(),
  }
  try {
    await checkUnderFaults(
      { capabilities, open: () => openToy(proxy.url, capabilities, bug) },
      { steps, seed: 3, faults },
    )
  } finally {
    await proxy.close()
  }
}

test('random programs pass on a service that numbers names its own way, while connections are lost', async () => {
  await underFaults(undefined, 120)
}, 600_000)

test.each([
  ['a lost response stated as a definite failure', /said Network/],
  ['a conflict with its own lost request believed', /said NameConflict/],
  ['an existing directory claimed after a lost response', /said as-asked/],
] as const)(
  'random programs find: %s',
  async (bug, why) => {
    await expect(underFaults(bug, 1200)).rejects.toThrow(why)
  },
  600_000,
)

/** Which law, or which call of the table of faults, says so. */
const caughtBy: Readonly<Record<Bug, RegExp | readonly [Operation, RegExp]>> = {
  'page size taken from the call instead of the cursor': /pages of another size/,
  'checksum of a download not compared': /changed on the way down/,
  'a changed file resumed in mid-read': /changes while its download is interrupted/,
  'a move repeated after a lost response': ['batchMove', /ask, a file, name free/],
  'an overwrite claimed by size alone': ['writeFile', /overwrite, a file of the same size/],
  'temporary names shown': /nothing but the file is listed/,
  'no rollback after a failed replace': ['writeFile', /overwrite, a file of the same size/],
  'abort not reaching the parts of an upload': /in parts whose source has stalled/,
  'abort not reaching the wait for a task': /ends the wait for a task/,
  'evidence claimed without the checksum': /not vouched for/,
  'ids trusted for ever': /directory that has the name now/,
  'a failed overwrite leaving its upload': /leaves no unfinished|leaves none behind/,
  'an empty success accepted': ['createDir', /ask, name free/],
  'an existing directory claimed after a lost response': ['createDir', /taken by a directory/],
  'a rename repeated after a lost response': ['createDir', /rename/],
  'a refusal taken for doubt and looked up': ['createDir', /taken by a directory/],
  'a lost response stated as a definite failure': ['createDir', /ask, name free/],
  'the second page lost where the first is short': /pages of another size|in pages of/,
  'a partial failure of a batch taken as success': /of items that the service fails/,
  'outcomes of a batch given to the wrong items': /of items that the service fails/,
  'a conflict with its own lost request believed': ['createDir', /ask, name free/],
}

test.each(bugs)('is caught: %s', async (bug) => {
  const by = caughtBy[bug]
  if (by instanceof RegExp) {
    expect(await brokenLaws(bug, (name) => by.test(name))).not.toEqual([])
    return
  }
  const [operation, scenario] = by
  const { contradictions } = await runDoubt(subjectOf(bug), {
    operations: [operation],
    only: (name) => scenario.test(name),
  })
  expect(contradictions).not.toEqual([])
  // By a fault of the table, not because the call does not work at all.
  expect(contradictions.filter((one) => one.includes('undisturbed'))).toEqual([])
})
