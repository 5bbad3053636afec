// The KooDrive emulator: batch jobs and the recycle bin, over real HTTP.
import { noon, start, stopAll } from './koodrive-client'

afterEach(stopAll)

const atOnce = { jobLife: { kind: 'at-once' } } as const

describe('the life of a job', () => {
  test('goes from pending over running to finished as it is looked at', async () => {
    const { mkdir, createJob, get, names } = await start({
      config: { behaviour: { jobLife: { kind: 'polls', polls: 2, atMostMs: 5000 } } },
    })
    const source = await mkdir('a')
    const target = await mkdir('b')
    const created = await createJob(1, 101, { newFilePath: target, fileInfo: [{ fileId: source }] })
    expect(created.body).toMatchObject({ code: 0, msg: 'success' })
    const jobId = created.body['data'] as string
    expect(jobId).toMatch(/^\d{19}$/)
    const status = async () => (await get(`/v1/${jobId}`)).body['data']
    expect(await status()).toMatchObject({ jobInfo: { status: 0, progress: 0 }, taskInfos: [{ status: '0' }] })
    expect(await status()).toMatchObject({ jobInfo: { status: 1, beginTime: '20251103070140' } })
    expect(await names(target)).toEqual([])
    expect(await status()).toMatchObject({ jobInfo: { status: 2, taskResultCode: 1, progress: 100 } })
    expect(await names(target)).toEqual(['a'])
  })

  test('follows the clock where it is given in milliseconds', async () => {
    let now = noon
    const { mkdir, createJob, get, names } = await start({
      now: () => now,
      config: { behaviour: { jobLife: { kind: 'delay', delayMs: 1000 } } },
    })
    const ids = [await mkdir('a'), await mkdir('b')]
    const target = await mkdir('t')
    const created = await createJob(3, 301, { newFilePath: target, fileInfo: ids.map((fileId) => ({ fileId })) })
    const status = async () => (await get(`/v1/${created.body['data'] as string}`)).body['data']
    expect(await status()).toMatchObject({ jobInfo: { status: 0 } })
    now += 500
    expect(await status()).toMatchObject({ jobInfo: { status: 1, progress: 50 } })
    expect(await names(target)).toEqual(['a'])
    now += 500
    expect(await names(target)).toEqual(['a', 'b'])
    expect(await status()).toMatchObject({ jobInfo: { status: 2, endTime: '20251103070141' } })
  })

  test('ends in any case, also if nobody looks', async () => {
    let now = noon
    const { mkdir, createJob, names } = await start({ now: () => now })
    const target = await mkdir('b')
    await createJob(3, 301, { newFilePath: target, fileInfo: [{ fileId: await mkdir('a') }] })
    expect(await names(target)).toEqual([])
    now += 5000
    expect(await names(target)).toEqual(['a'])
  })

  test('may be over at once, and then shows the documented example', async () => {
    const { mkdir, createJob, get, containerId, emulator } = await start({ config: { behaviour: atOnce } })
    const source = await mkdir('a')
    const target = await mkdir('b')
    const created = await createJob(1, 101, { newFilePath: target, fileInfo: [{ fileId: source }] })
    const detail = await get(`/v1/${created.body['data'] as string}`)
    const user = emulator.population.users[0]?.id ?? ''
    expect(detail.body).toEqual({
      data: {
        jobInfo: {
          taskId: created.body['data'],
          userId: `${emulator.population.tenantId}-${user}`,
          taskType: 1,
          actionType: 101,
          status: 2,
          progress: 100,
          taskResultCode: 1,
          contentNum: 1,
          containerId,
          tenantId: emulator.population.tenantId,
          beginTime: '20251103070140',
          endTime: '20251103070140',
          createTime: '20251103070140',
        },
        taskInfos: [
          {
            fileId: source,
            status: '1',
            newFileId: expect.stringMatching(/^F[\w-]{32}$/) as string,
            srcContainerId: containerId,
          },
        ],
      },
      code: 0,
      msg: 'success',
    })
  })

  test('can be cut short: what is done stays done', async () => {
    let now = noon
    const { mkdir, createJob, get, post, names } = await start({
      now: () => now,
      config: { behaviour: { jobLife: { kind: 'delay', delayMs: 1000 } } },
    })
    const ids = [await mkdir('a'), await mkdir('b')]
    const target = await mkdir('t')
    const created = await createJob(3, 301, { newFilePath: target, fileInfo: ids.map((fileId) => ({ fileId })) })
    const jobId = created.body['data'] as string
    now += 600
    expect((await post('/v1/cancel', { jobId })).body).toEqual({ code: 0, msg: 'success' })
    now += 6000
    expect((await get(`/v1/${jobId}`)).body['data']).toMatchObject({
      jobInfo: { status: 3 },
      taskInfos: [{ status: '1' }, { status: '0' }],
    })
    expect(await names(target)).toEqual(['a'])
    expect((await post('/v1/cancel', { jobId })).body['code']).toBe(13000102)
  })

  test('is seen at the documented address, and at the other where that is wanted', async () => {
    const strict = await start({ config: { behaviour: atOnce } })
    const created = await strict.createJob(1, 101, {
      newFilePath: 'root',
      fileInfo: [{ fileId: await strict.mkdir('a') }],
    })
    const jobId = created.body['data'] as string
    expect((await strict.get(`/v1/jobs/${jobId}`)).status).toBe(404)
    strict.emulator.behave({ jobDetailUri: 'jobs' })
    expect((await strict.get(`/v1/jobs/${jobId}`)).status).toBe(200)
    expect((await strict.get(`/v1/${jobId}`)).status).toBe(404)
    strict.emulator.behave({ jobDetailUri: 'both' })
    expect((await strict.get(`/v1/${jobId}`)).status).toBe(200)
    expect((await strict.get('/v1/1234567890123456789')).body['code']).toBe(13000309)
  })

  test('is listed newest first, filtered, by offset and limit', async () => {
    let now = noon
    const { mkdir, transfer, trash, get } = await start({ now: () => now, config: { behaviour: atOnce } })
    const target = await mkdir('t')
    for (const name of ['a', 'b']) {
      now += 1000
      await transfer(1, [await mkdir(name)], target)
    }
    await trash(await mkdir('c'))
    const types = async (query: string) =>
      ((await get(`/v1/jobs?${query}`)).body['data'] as ReadonlyArray<{ taskType: number }>).map(
        ({ taskType }) => taskType,
      )
    expect(await types('offset=0&limit=10')).toEqual([2, 1, 1])
    expect(await types('offset=1&limit=1')).toEqual([1])
    expect(await types('offset=0&limit=10&type=2')).toEqual([2])
    expect(await types('offset=0&limit=10&status=3')).toEqual([])
  })

  test('is forgotten after the retention, if there is one', async () => {
    let now = noon
    const { mkdir, createJob, get } = await start({
      now: () => now,
      config: { behaviour: { ...atOnce, jobRetentionMs: 60_000 } },
    })
    const created = await createJob(1, 101, { newFilePath: 'root', fileInfo: [{ fileId: await mkdir('a') }] })
    now += 60_001
    expect((await get(`/v1/${created.body['data'] as string}`)).body['code']).toBe(13000309)
  })
})

describe('creating a job', () => {
  test.each([
    ['no items', 1, 101, { newFilePath: 'root', fileInfo: [] }],
    ['no destination', 1, 101, { fileInfo: [{ fileId: 'Fx' }] }],
    ['no action', 2, undefined, { fileInfo: [{ fileId: 'Fx', filePath: '/Fx' }] }],
    ['a foreign action', 1, 301, { newFilePath: 'root', fileInfo: [{ fileId: 'Fx' }] }],
    ['an unknown task', 9, undefined, { newFilePath: 'root', fileInfo: [{ fileId: 'Fx' }] }],
    ['unpacking', 5, 502, { newFilePath: 'root', fileInfo: [{ fileId: 'Fx' }] }],
    ['trash without a path', 2, 201, { fileInfo: [{ fileId: 'Fx' }] }],
    ['trash with a path that ends elsewhere', 2, 201, { fileInfo: [{ fileId: 'Fx', filePath: '/Fy' }] }],
    [
      'too many items',
      1,
      101,
      { newFilePath: 'root', fileInfo: Array.from({ length: 1001 }, () => ({ fileId: 'Fx' })) },
    ],
  ])('with %s is refused when strict', async (_, taskType, actionType, taskInfo) => {
    const { createJob } = await start()
    expect((await createJob(taskType, actionType, taskInfo)).body['code']).toBe(13000102)
  })

  test('checks the spaces at once, the items later, or all at once where that is wanted', async () => {
    const { post, createJob, settled, containerId, emulator } = await start()
    const taskInfo = { newFilePath: 'root', fileInfo: [{ fileId: 'Fx' }] }
    const foreign = {
      taskType: 1,
      actionType: 101,
      dstContainerId: 'IAAnowhere',
      taskInfo: { ...taskInfo, srcContainerId: containerId },
    }
    expect((await post('/v1/jobs', foreign)).body['code']).toBe(13000301)
    const created = await createJob(1, 101, taskInfo)
    expect(await settled(created.body['data'])).toMatchObject({
      jobInfo: { taskResultCode: 3 },
      taskInfos: [{ status: '2', resultCode: 13000309 }],
    })
    emulator.behave({ allSync: true })
    expect((await createJob(1, 101, taskInfo)).body['code']).toBe(13000309)
  })
})

describe('copying', () => {
  test('takes folders with all that is in them, and new ids', async () => {
    const { mkdir, upload, transfer, names, list, detail } = await start()
    const source = await mkdir('src')
    await upload('f', 'content', await mkdir('sub', source))
    const target = await mkdir('dst')
    const { jobInfo, taskInfos } = await transfer(1, [source], target)
    expect(jobInfo).toMatchObject({ taskResultCode: 1, contentNum: 1 })
    expect(taskInfos).toHaveLength(1)
    const copy = taskInfos[0]?.newFileId ?? ''
    expect(copy).not.toBe(source)
    expect(await detail(copy)).toMatchObject({ fileName: 'src', parentFolder: [target] })
    const [sub] = await list(copy)
    expect(await names(sub?.id)).toEqual(['f'])
    expect(await names('root')).toEqual(['dst', 'src'])
  })

  test('into its own parent makes a copy with a suffix', async () => {
    const { upload, transfer, names } = await start()
    await transfer(1, [await upload('a.txt', 'x')], 'root')
    expect(await names()).toEqual(['a.txt', 'a_20251103_150140.txt'])
  })

  test.each([
    ['fail', 3, ['a']],
    ['duplicate', 1, ['a', 'a']],
  ] as const)('meets a taken name as configured: %s', async (copyClash, result, left) => {
    const { upload, transfer, names } = await start({ config: { behaviour: { copyClash } } })
    const job = await transfer(1, [await upload('a', 'x')], 'root')
    expect(job.jobInfo.taskResultCode).toBe(result)
    expect(await names()).toEqual(left)
  })

  test('fails for each item that nests, is too deep, too big, a refused folder, or lies in the bin', async () => {
    const { mkdir, upload, transfer, trash, emulator } = await start({
      config: { behaviour: { maxDepth: 2 }, spaces: [{ kind: 'personal', quotaBytes: 10 }] },
    })
    const outer = await mkdir('outer')
    const inner = await mkdir('inner', outer)
    const file = await upload('file', '123456', outer)
    const gone = await upload('gone', 'x', outer)
    await trash(gone)
    const codes = async (ids: ReadonlyArray<string>, target: string) =>
      (await transfer(1, ids, target)).taskInfos.map(({ resultCode }) => resultCode)
    expect(await codes([outer], inner)).toEqual([13000307])
    expect(await codes([outer], outer)).toEqual([13000307])
    expect(await codes([outer], await mkdir('other'))).toEqual([13000310])
    expect(await codes([file, gone, 'Fx'], inner)).toEqual([13000311, 13000306, 13000309])
    expect(await codes([file], gone)).toEqual([13000304])
    expect(await codes([file], 'Fnowhere')).toEqual([13000304])
    emulator.behave({ folderCopyByJob: false })
    expect(await codes([inner], 'root')).toEqual([13000406])
  })

  test('shows partial success', async () => {
    const { mkdir, upload, transfer, names } = await start()
    const target = await mkdir('t')
    const job = await transfer(1, [await upload('a', 'x'), 'Fx'], target)
    expect(job).toMatchObject({
      jobInfo: { status: 2, taskResultCode: 2 },
      taskInfos: [{ status: '1' }, { status: '2', resultCode: 13000309 }],
    })
    expect(await names(target)).toEqual(['a'])
  })

  test('goes from one space to another', async () => {
    const { emulator, mkdir, upload, post, containerId, settled } = await start()
    const folder = await mkdir('d')
    await upload('f', 'x', folder)
    const group = emulator.configuration['koo-group'] as unknown as {
      containerId: string
      space: { groupId: string }
    }
    const body = (taskType: number, actionType: number) => ({
      taskType,
      actionType,
      dstContainerId: group.containerId,
      taskInfo: { srcContainerId: containerId, newFilePath: 'root', fileInfo: [{ fileId: folder }] },
    })
    const listed = async () => {
      const uri = `/v1/files/${group.space.groupId}/0?team_type=2`
      return (await post(uri, { containerId: group.containerId, parentFileId: 'root' })).body['files']
    }
    await settled((await post('/v1/jobs', body(1, 101))).body['data'])
    expect(await listed()).toMatchObject([{ fileName: 'd' }])
    expect((await post('/v1/jobs', body(3, 301))).body['code']).toBe(13000102)
    emulator.behave({ crossSpaceMove: true })
    await settled((await post('/v1/jobs', body(3, 301))).body['data'])
    expect(await listed()).toMatchObject([{ fileName: 'd' }, { fileName: 'd_20251103_150140', id: folder }])
  })
})

describe('moving', () => {
  test('keeps the id, and does nothing into the own parent', async () => {
    const { mkdir, transfer, names, detail } = await start()
    const a = await mkdir('a')
    const b = await mkdir('b')
    expect(await transfer(3, [a], 'root')).toMatchObject({
      jobInfo: { taskResultCode: 3 },
      taskInfos: [{ resultCode: 13000312 }],
    })
    await transfer(3, [a], b)
    expect(await names(b)).toEqual(['a'])
    expect(await names()).toEqual(['b'])
    expect((await detail(a)).parentFolder).toEqual([b])
    expect(await transfer(3, [b], a)).toMatchObject({ taskInfos: [{ resultCode: 13000307 }] })
  })

  test.each([
    ['suffix', 1, ['a', 'a_20251103_150140']],
    ['fail', 3, ['a']],
    ['duplicate', 1, ['a', 'a']],
  ] as const)('meets a taken name as configured: %s', async (moveClash, result, left) => {
    const { mkdir, transfer, names } = await start({ config: { behaviour: { moveClash } } })
    const target = await mkdir('t')
    await mkdir('a', target)
    const job = await transfer(3, [await mkdir('a')], target)
    expect(job.jobInfo.taskResultCode).toBe(result)
    expect(await names(target)).toEqual(left)
  })

  test('takes its destination as an id, an alias or a path of ids, or only as an id', async () => {
    const { mkdir, transfer, names, pathOf, containerId, emulator } = await start()
    const a = await mkdir('a')
    const b = await mkdir('b')
    await transfer(3, [a], await pathOf(b))
    expect(await names(b)).toEqual(['a'])
    await transfer(3, [a], `DEUI7pa0C24Aroot${containerId}`)
    expect(await names()).toEqual(['a', 'b'])
    emulator.behave({ jobTargetForms: 'id' })
    expect(await transfer(3, [a], await pathOf(b))).toMatchObject({ taskInfos: [{ resultCode: 13000304 }] })
  })
})

describe('the recycle bin', () => {
  test('takes a subtree, hides it, and gives it back where it was', async () => {
    const { mkdir, upload, trash, names, detail, run, post, containerId } = await start()
    const outer = await mkdir('outer')
    const folder = await mkdir('d', outer)
    const file = await upload('f', 'x', folder)
    await trash(folder)
    expect(await names(outer)).toEqual([])
    expect(await names('root', 1)).toEqual(['d'])
    expect(await detail(file)).toMatchObject({ recycled: true })
    const rename = await post(`/v1/files/rename/${file}`, { containerId, name: 'g', renameMode: 3 })
    expect(rename.body['code']).toBe(13000306)
    const inside = { containerId, fileName: 'x', fileType: '10', parentFolder: [folder], renameMode: 3 }
    expect((await post('/v1/directory', inside)).body['code']).toBe(13000404)
    await run(4, undefined, { fileInfo: [{ fileId: folder }] })
    expect(await names(outer)).toEqual(['d'])
    expect(await names('root', 1)).toEqual([])
    expect(await run(4, undefined, { fileInfo: [{ fileId: folder }] })).toMatchObject({
      taskInfos: [{ resultCode: 13000303 }],
    })
  })

  test('gives back under another name if the name was taken meanwhile', async () => {
    const { mkdir, trash, names, run } = await start()
    const a = await mkdir('a')
    await trash(a)
    await mkdir('a')
    await run(4, undefined, { fileInfo: [{ fileId: a }] })
    expect(await names()).toEqual(['a', 'a_20251103_150140'])
  })

  test('makes the folder again that the restored item came from', async () => {
    const { mkdir, upload, trash, names, list, run } = await start()
    const folder = await mkdir('d', await mkdir('outer'))
    const file = await upload('f', 'x', folder)
    await trash(file)
    await run(2, 202, { fileInfo: [{ fileId: folder }] })
    await run(4, undefined, { fileInfo: [{ fileId: file }] })
    const [outer] = await list()
    const [again] = await list(outer?.id)
    expect(again?.fileName).toBe('d')
    expect(again?.id).not.toBe(folder)
    expect(await names(again?.id)).toEqual(['f'])
  })

  test('gives back to the root what was trashed without its path', async () => {
    const { mkdir, upload, run, names } = await start({ config: { behaviour: { requireFilePath: false } } })
    const folder = await mkdir('d')
    const file = await upload('f', 'x', folder)
    await run(2, 201, { fileInfo: [{ fileId: file }] })
    await run(4, undefined, { fileInfo: [{ fileId: file }] })
    expect(await names()).toEqual(['d', 'f'])
  })

  test('is emptied by its own call', async () => {
    const { mkdir, trash, names, post, containerId, detail } = await start()
    const a = await mkdir('a')
    await trash(a)
    expect((await post('/v1/files/recycle', { containerId })).body).toEqual({ code: 0, msg: 'success' })
    expect(await names('root', 1)).toEqual([])
    expect(await detail(a)).toMatchObject({ code: 13000309 })
  })

  test('may be emptied later, by a job that shows nowhere', async () => {
    let now = noon
    const { mkdir, trash, names, post, get, containerId } = await start({
      now: () => now,
      config: { behaviour: { recycleByHiddenJob: true } },
    })
    await trash(await mkdir('a'))
    await post('/v1/files/recycle', { containerId })
    expect(await names('root', 1)).toEqual(['a'])
    expect((await get('/v1/jobs?offset=0&limit=10&type=7')).body['data']).toEqual([])
    now += 5000
    expect(await names('root', 1)).toEqual([])
  })

  test('lets go for good of what is purged, in it or not', async () => {
    const { mkdir, upload, run, names, detail, emulator } = await start()
    const folder = await mkdir('d')
    const file = await upload('f', 'x', folder)
    await run(2, 202, { fileInfo: [{ fileId: folder }] })
    expect(await names()).toEqual([])
    expect(await detail(file)).toMatchObject({ code: 13000309 })
    emulator.behave({ purgeLive: false })
    const other = await mkdir('e')
    expect(await run(2, 202, { fileInfo: [{ fileId: other }] })).toMatchObject({
      taskInfos: [{ resultCode: 13000303 }],
    })
  })
})
