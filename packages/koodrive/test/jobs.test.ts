// Jobs: what each item came to, waiting, and which job of the list is the one whose answer was lost.
import type { Fault } from '@anydrive/core'
import { serviceClock } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import type { Api, NewJob } from '../src/api'
import type { Complete } from '../src/settings'
import { createJobs, outcomesOf } from '../src/tasks'
import type { JobDetail, JobItem, ListedJob } from '../src/wire'

const { signal } = new AbortController()
const done = (item: Partial<JobItem> = {}): JobItem => ({ fileId: 'a', status: '1', ...item })
const detail = (jobInfo: Partial<JobDetail['jobInfo']>, taskInfos?: ReadonlyArray<JobItem>): JobDetail => ({
  jobInfo: { status: 2, ...jobInfo },
  ...(taskInfos === undefined ? {} : { taskInfos }),
})

describe('an item of a job that is over', () => {
  const failed = (fault: object, code?: string) => ({
    status: 'failed',
    fault,
    ...(code === undefined ? {} : { code }),
  })
  const silent = failed({ _tag: 'Indeterminate', check: 'the item, which the job does not list' })
  const unknown = failed({ _tag: 'Indeterminate', check: 'the item, of which the job does not say how it ended' })
  const refused: JobItem = { fileId: 'a', status: '2', resultCode: '13000410', msg: 'no' }
  const there: JobItem = { fileId: 'a', status: '2', resultCode: '13000312' }
  const recycled: JobItem = { fileId: 'a', status: '2', resultCode: '13000306' }
  const absent: JobItem = { fileId: 'a', status: '2', resultCode: '13000309' }
  const gone = (code: string) => failed({ _tag: 'NotFound', what: 'source', code }, code)

  test.each<readonly [string, Partial<JobDetail['jobInfo']>, ReadonlyArray<JobItem> | undefined, boolean, object]>([
    [
      'all good, and told',
      { taskResultCode: 1 },
      [done({ newFileId: 'n' })],
      false,
      { status: 'done', newFileId: 'n' },
    ],
    ['all good, and not told', { taskResultCode: 1 }, undefined, false, { status: 'done' }],
    ['all good although it says it failed', { taskResultCode: 1 }, [refused], false, { status: 'done' }],
    [
      'some good, this one',
      { taskResultCode: 2 },
      [done({ newFileId: 'n' })],
      false,
      { status: 'done', newFileId: 'n' },
    ],
    ['nothing said of the job', {}, [done()], false, { status: 'done' }],
    [
      'all failed although it says it is done',
      { taskResultCode: 3 },
      [done()],
      false,
      failed({ _tag: 'Unavailable', effect: 'none' }),
    ],
    ['some good, not told', { taskResultCode: 2 }, [], false, silent],
    ['nothing said at all', {}, undefined, false, silent],
    ['nothing said of the job, and the item waits', {}, [{ fileId: 'a', status: '0' }], false, unknown],
    ['an undocumented state', { status: 9 }, [{ fileId: 'a' }], false, unknown],
    ['an undocumented result', { taskResultCode: 0 }, [{ fileId: 'a', status: '2' }], true, unknown],
    ['all failed, not told', { taskResultCode: 3 }, undefined, false, failed({ _tag: 'Unavailable', effect: 'none' })],
    [
      'refused',
      { taskResultCode: 2 },
      [refused],
      false,
      failed({ _tag: 'Forbidden', code: '13000410', said: 'no' }, '13000410'),
    ],
    [
      'cancelled',
      { status: 3, taskResultCode: 3 },
      [refused],
      false,
      failed({ _tag: 'TaskFailed', said: 'the job was cancelled' }, '13000410'),
    ],
    ['there already', { taskResultCode: 3 }, [there], false, { status: 'done' }],
    ['in the bin, asked once', { taskResultCode: 3, actionType: 201 }, [recycled], false, gone('13000306')],
    ['in the bin, asked twice', { taskResultCode: 3, actionType: 201 }, [recycled], true, { status: 'done' }],
    ['in the bin, asked twice to delete', { taskResultCode: 3, actionType: 202 }, [recycled], true, gone('13000306')],
    ['gone, asked once', { taskResultCode: 3, actionType: 202 }, [absent], false, gone('13000309')],
    ['gone, asked twice', { taskResultCode: 3, actionType: 202 }, [absent], true, { status: 'done' }],
    ['gone, asked twice to move', { taskResultCode: 3, actionType: 301 }, [absent], true, gone('13000309')],
    ['gone, asked twice for nobody knows what', { taskResultCode: 3 }, [absent], true, gone('13000309')],
    [
      'without a code, asked twice',
      { taskResultCode: 3 },
      [{ fileId: 'a' }],
      true,
      failed({ _tag: 'Unavailable', effect: 'none' }),
    ],
  ])('%s', (_name, info, items, repeated, outcome) => {
    expect(outcomesOf(detail(info, items), repeated)('a')).toEqual(outcome)
  })

  test('is told from others, and asked once unless said otherwise', () => {
    const outcomes = outcomesOf(detail({ taskResultCode: 2 }, [done({ fileId: 'b' }), refused]))
    expect([outcomes('a').status, outcomes('b').status]).toEqual(['failed', 'done'])
    expect(outcomesOf(detail({ taskResultCode: 3, actionType: 201 }, [recycled]))('a').status).toBe('failed')
  })
})

const lost: Fault = { _tag: 'Unavailable', http: 500, effect: 'unknown' }
const job: NewJob = { taskType: 1, actionType: 101, newFilePath: 'T', items: [{ fileId: 'a' }, { fileId: 'b' }] }
const begun = Date.UTC(2025, 0, 1, 12, 0, 0)
interface Service {
  /** What each call to create says, in turn. */
  readonly created?: ReadonlyArray<E.Either<Fault, string>>
  readonly listed?: ReadonlyArray<ListedJob> | Fault
  readonly details?: Readonly<Record<string, ReadonlyArray<JobDetail | Fault>>>
  readonly parents?: Readonly<Record<string, string | Fault | undefined>>
}

const jobsOn = (
  { created = [E.right('1')], listed = [], details = {}, parents = {} }: Service,
  settings: object = {},
) => {
  const asked: Array<string> = []
  const pauses: Array<number> = []
  const turns = new Map<string, number>()
  const turn = <A>(name: string, values: ReadonlyArray<A>): A => {
    const n = turns.get(name) ?? 0
    turns.set(name, n + 1)
    const value = values[Math.min(n, values.length - 1)]
    if (value === undefined) throw new Error(`nothing said of ${name}`)
    return value
  }
  const either = <A extends object>(value: A | Fault): E.Either<Fault, A> =>
    '_tag' in value ? E.left(value) : E.right(value)
  let now = begun
  const api = {
    createJob: () => () => {
      asked.push('create')
      return Promise.resolve(E.map((data: string) => ({ data }))(turn('create', created)))
    },
    jobList: (page: object) => () => {
      asked.push(`list ${JSON.stringify(page)}`)
      return Promise.resolve(either(listed))
    },
    jobDetail: (id: string) => () => {
      asked.push(`job ${id}`)
      return Promise.resolve(either(turn(id, details[id] ?? [])))
    },
    detail: (id: string) => () => {
      asked.push(`file ${id}`)
      const parent = parents[id]
      if (typeof parent === 'object') return Promise.resolve(E.left(parent))
      return Promise.resolve(E.right({ id, fileName: id, ...(parent === undefined ? {} : { parentFolder: [parent] }) }))
    },
  } as unknown as Api
  const all = { jobListOffset: 1, taskTimeout: 10_000, polling: { first: 100, longest: 200 }, ...settings }
  const timers = {
    now: () => now,
    random: () => 0.5,
    delay: (ms: number) => {
      pauses.push(ms)
      now += ms
      return Promise.resolve()
    },
  }
  return {
    jobs: createJobs(api, all as unknown as Complete, { timers, clock: serviceClock(), onChange: () => undefined }),
    asked,
    pauses,
  }
}

describe('looking', () => {
  const running = (status: number, more: object = {}, items?: ReadonlyArray<JobItem>) =>
    jobsOn({ details: { '1': [detail({ status, ...more }, items)] } }).jobs.state('1', signal)

  test('a job that waits or runs tells how far it is', async () => {
    const items = [done(), { fileId: 'b', status: '0' }, { fileId: 'c' }]
    expect(await running(0, { contentNum: 5 }, items)).toEqual(E.right({ status: 'running', done: 1, total: 5 }))
    expect(await running(1, {}, items)).toEqual(E.right({ status: 'running', done: 1, total: 3 }))
    expect(await running(1)).toEqual(E.right({ status: 'running', done: 0, total: 0 }))
  })

  test.each([2, 3, 4])('a job of status %d is over', async (status) => {
    expect(await running(status, { taskResultCode: 2 }, [done()])).toMatchObject({ right: { status: 'over' } })
  })
})

describe('waiting', () => {
  const over = detail({ taskResultCode: 1 })
  const busy = detail({ status: 1 })
  const check = 'the job 1, and the items of this operation'

  test('ends with the job, after pauses that grow up to the longest', async () => {
    const world = jobsOn({ details: { '1': [busy, busy, busy, busy, over] } })
    const waited = await world.jobs.run(job, signal)
    expect(E.isRight(waited) && waited.right('a')).toEqual({ status: 'done' })
    expect(world.pauses).toEqual([100, 150, 200, 200])
  })

  test('is patient for as long as the settings say, to the millisecond', async () => {
    const world = jobsOn({ details: { '1': [busy] } }, { taskTimeout: 250 })
    expect(await world.jobs.run(job, signal)).toStrictEqual(E.left({ _tag: 'Indeterminate', check }))
    expect(world.pauses).toEqual([100, 150])
  })

  test('goes on after a fault that passes, and ends in doubt with one that does not', async () => {
    const passing = jobsOn({ details: { '1': [{ ...lost, effect: 'none' }, over] } })
    expect(E.isRight(await passing.jobs.run(job, signal))).toBe(true)
    const refused = jobsOn({ details: { '1': [{ _tag: 'Forbidden', http: 403, code: 'C', said: 'S' }] } })
    expect(await refused.jobs.run(job, signal)).toStrictEqual(
      E.left({ _tag: 'Indeterminate', check, http: 403, code: 'C', said: 'S' }),
    )
    const bare = jobsOn({ details: { '1': [{ _tag: 'Forbidden' }] } })
    expect(await bare.jobs.run(job, signal)).toStrictEqual(E.left({ _tag: 'Indeterminate', check }))
  })

  test('ends with the signal', async () => {
    const world = jobsOn({ details: { '1': [busy] } })
    expect(await world.jobs.run(job, AbortSignal.abort())).toEqual(E.left({ _tag: 'Indeterminate', check }))
    expect(world.pauses).toEqual([])
  })

  test('running starts and waits, and what does not start is not waited for', async () => {
    const world = jobsOn({ created: [E.right('1')], details: { '1': [over] } })
    expect(E.isRight(await world.jobs.run(job, signal))).toBe(true)
    expect(world.asked).toEqual(['create', 'job 1'])
    const refused = jobsOn({ created: [E.left({ _tag: 'Forbidden' })] })
    expect(await refused.jobs.run(job, signal)).toEqual(E.left({ _tag: 'Forbidden' }))
    expect(refused.asked).toEqual(['create'])
  })
})

describe('a job whose answer was lost', () => {
  const ours = detail({ status: 1 }, [done({ fileId: 'b' }), done({ newFileId: 'n' })])
  const like: ListedJob = { taskId: '7', taskType: 1, actionType: 101, contentNum: 2, createTime: '20250101120000' }
  const start = async (service: Service) => {
    const world = jobsOn({ created: [E.left(lost), E.right('9')], ...service })
    return { told: await world.jobs.start(job, signal), asked: world.asked, jobs: world.jobs }
  }
  const found = async (service: Service) => (await start({ listed: [like], details: { '7': [ours] }, ...service })).told

  test('is found in the list, by what it is and whom it is about', async () => {
    const { told, asked } = await start({ listed: [like], details: { '7': [ours] }, parents: { n: 'T' } })
    expect(told).toEqual(E.right('7'))
    expect(asked).toEqual(['create', 'list {"type":1,"offset":1,"limit":20}', 'job 7', 'file n'])
  })

  test('is begun again where it is not there', async () => {
    const { told, asked } = await start({})
    expect([told, asked.filter((it) => it === 'create').length]).toEqual([E.right('9'), 2])
  })

  test.each<readonly [string, Partial<ListedJob>]>([
    ['type', { taskType: 2 }],
    ['action', { actionType: 102 }],
    ['number of items', { contentNum: 3 }],
    ['time', { createTime: '20250101115759' }],
  ])('is none of another %s', async (_what, more) => {
    expect(await found({ listed: [{ ...like, ...more }] })).toEqual(E.right('9'))
  })

  test.each<readonly [string, ListedJob]>([
    ['nothing else is told', { taskId: '7' }],
    ['it is as old as clocks may differ', { ...like, createTime: '20250101115800' }],
    ['it is as new as clocks may differ', { ...like, createTime: '20250101120200' }],
  ])('may be the one of which %s', async (_what, listed) => {
    expect(await found({ listed: [listed] })).toEqual(E.right('7'))
  })

  test.each<readonly [string, ReadonlyArray<JobItem> | undefined]>([
    ['no items', undefined],
    ['fewer items', [done()]],
    ['more items', [done(), done({ fileId: 'b' }), done({ fileId: 'c' })]],
    ['other items', [done(), done({ fileId: 'c' })]],
  ])('is none with %s', async (_what, items) => {
    expect(await found({ details: { '7': [detail({ status: 1 }, items)] } })).toEqual(E.right('9'))
  })

  test.each<readonly [string, string | Fault | undefined, string]>([
    ['where ours were to go', 'T', '7'],
    ['elsewhere', 'U', '9'],
    ['nobody tells where', undefined, '7'],
    ['gone already', { _tag: 'NotFound', what: 'source' }, '9'],
  ])('with a copy that is %s', async (_where, parent, id) => {
    expect(await found({ parents: { n: parent } })).toEqual(E.right(id))
  })

  test('that tells of no copy, or goes nowhere, is taken without a look at one', async () => {
    const untold = detail({ status: 1 }, [done(), done({ fileId: 'b' })])
    const { told, asked } = await start({ listed: [like], details: { '7': [untold] } })
    expect([told, asked.at(-1)]).toEqual([E.right('7'), 'job 7'])
    const world = jobsOn({ created: [E.left(lost), E.right('9')], listed: [like], details: { '7': [ours] } })
    const { newFilePath: _, ...nowhere } = job
    expect(await world.jobs.start(nowhere, signal)).toEqual(E.right('7'))
    expect(world.asked.at(-1)).toBe('job 7')
  })

  test('of two that fit, neither is taken, and nothing is begun again', async () => {
    const { told, asked } = await start({
      listed: [like, { ...like, taskId: '8' }],
      details: { '7': [ours], '8': [ours] },
    })
    expect(told).toMatchObject({
      left: { _tag: 'Indeterminate', check: expect.stringMatching(/list of jobs/) as unknown },
    })
    expect(asked.filter((it) => it === 'create')).toHaveLength(1)
  })

  test('is none whose id was answered before', async () => {
    const world = jobsOn({
      created: [E.right('7'), E.left(lost), E.right('9')],
      listed: [like],
      details: { '7': [ours] },
    })
    expect(await world.jobs.start(job, signal)).toEqual(E.right('7'))
    expect(await world.jobs.start(job, signal)).toEqual(E.right('9'))
  })

  test('what was asked for twice may be done already', async () => {
    const item: JobItem = { fileId: 'a', status: '2', resultCode: '13000306' }
    const trashed = [detail({ taskResultCode: 3, actionType: 201 }, [item])]
    const outcome = async (created: Service['created']) => {
      const world = jobsOn({ created: created ?? [], details: { '9': trashed } })
      await world.jobs.start({ taskType: 2, actionType: 201, items: [{ fileId: 'a' }] }, signal)
      const seen = await world.jobs.state('9', signal)
      return E.isRight(seen) && seen.right.status === 'over' ? seen.right.outcomes('a').status : seen
    }
    expect(await outcome([E.right('9')])).toBe('failed')
    expect(await outcome([E.left(lost), E.right('9')])).toBe('done')
  })

  test.each<readonly [string, Service]>([
    ['list', { listed: { _tag: 'Forbidden' } }],
    ['job', { details: { '7': [{ _tag: 'Forbidden' }] } }],
    ['copy', { parents: { n: { _tag: 'Forbidden' } } }],
  ])('is in doubt where its %s cannot be looked at', async (_what, service) => {
    const { told, asked } = await start({ listed: [like], details: { '7': [ours] }, ...service })
    expect(told).toMatchObject({ left: { _tag: 'Indeterminate' } })
    expect(asked.filter((it) => it === 'create')).toHaveLength(1)
  })
})
