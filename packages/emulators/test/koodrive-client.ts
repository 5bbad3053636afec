// A small client for the KooDrive emulator's tests: plain HTTP, nothing hidden.
import { request } from 'node:http'
import { startKooDrive, type KooDriveEmulator, type KooDriveOptions } from '../src/koodrive'

export type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>>; text: string }>

export type Asked = Readonly<{
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** Instead of the first user's token. */
  authorization?: string | undefined
}>

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** One request, path as given. */
export const ask = (url: string, method: string, headers: Readonly<Record<string, string>>, body?: string) =>
  new Promise<Answer & { headers: Readonly<Record<string, unknown>>; bytes: Buffer }>((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, connection: 'close' } }, (response) => {
      const chunks: Array<Buffer> = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString('utf8')
        resolve({ status: response.statusCode ?? 0, body: parse(text), text, headers: response.headers, bytes })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

export const makeClient = (emulator: KooDriveEmulator, drive = 'koo') => {
  const settings = emulator.configuration[drive] as unknown as {
    readonly containerId: string
    readonly space?: { readonly groupId: string; readonly teamType: string }
    readonly auth: { readonly accessToken: string; readonly sessionId: string }
  }
  const { containerId } = settings
  const api = (method: string, path: string, asked: Asked = {}): Promise<Answer> => {
    const authorization = 'authorization' in asked ? asked.authorization : `Bearer ${settings.auth.accessToken}`
    const body = asked.body === undefined ? undefined : JSON.stringify(asked.body)
    return ask(
      `${emulator.url}/koodrive/ose${path}`,
      method,
      {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
        ...asked.headers,
      },
      body,
    )
  }
  const post = (path: string, body: unknown): Promise<Answer> => api('POST', path, { body })
  const get = (path: string): Promise<Answer> => api('GET', path)

  const mkdir = async (fileName: string, parent = 'root', renameMode = 3): Promise<string> => {
    const body = { containerId, fileName, fileType: '10', parentFolder: [parent], renameMode }
    const answer = await post('/v1/directory', body)
    if (answer.body['code'] !== 0) throw new Error(answer.text)
    return text(answer.body['id'])
  }
  const createFile = (fileName: string, length: number, more: object = {}): Promise<Answer> =>
    post('/v1/files/create', {
      containerId,
      fileName,
      fileType: '45',
      parentFolder: ['root'],
      length,
      autoRename: 3,
      multiParts: [{ partNumber: 1, partSize: length }],
      ...more,
    })
  const putParts = async (answer: Answer, content: string): Promise<number> => {
    const [part] = answer.body['multiParts'] as ReadonlyArray<{ readonly uploadUrl: string }>
    const headers = { 'content-length': String(Buffer.byteLength(content)) }
    return (await ask(part?.uploadUrl ?? '', 'PUT', headers, content)).status
  }
  const upload = async (fileName: string, content: string, parent = 'root', more: object = {}): Promise<string> => {
    const created = await createFile(fileName, Buffer.byteLength(content), { parentFolder: [parent], ...more })
    if (created.body['code'] !== 0) throw new Error(created.text)
    await putParts(created, content)
    const done = await post('/v1/files/complete', { fileId: created.body['fileId'] })
    if (done.body['code'] !== 0) throw new Error(done.text)
    return text(created.body['fileId'])
  }
  const list = async (parentFileId = 'root', type: 0 | 1 = 0, more: object = {}): Promise<ReadonlyArray<Listed>> => {
    const answer = await post(`/v1/files/${type}`, { containerId, parentFileId, ...more })
    if (answer.body['code'] !== 0) throw new Error(answer.text)
    return answer.body['files'] as ReadonlyArray<Listed>
  }
  const names = async (parentFileId = 'root', type: 0 | 1 = 0): Promise<ReadonlyArray<string>> =>
    (await list(parentFileId, type)).map(({ fileName }) => fileName)
  const detail = async (id: string): Promise<Listed> =>
    (await post(`/v1/files/${id}/detail`, { containerId })).body as unknown as Listed
  const pathOf = async (id: string): Promise<string> =>
    text((await get(`/v1/files/path?fileId=${id}&containerId=${containerId}`)).body['fileIdPath'])
  const createJob = (taskType: number, actionType: number | undefined, taskInfo: object): Promise<Answer> =>
    post('/v1/jobs', {
      taskType,
      ...(actionType === undefined ? {} : { actionType }),
      dstContainerId: containerId,
      taskInfo: { srcContainerId: containerId, ...taskInfo },
    })
  /** Looks until the job is over. */
  const settled = async (jobId: unknown): Promise<JobData> => {
    for (let looks = 0; looks < 100; looks += 1) {
      const answer = await get(`/v1/${text(jobId)}`)
      const data = answer.body['data'] as JobData | undefined
      if (data === undefined) throw new Error(answer.text)
      if (data.jobInfo.status > 1) return data
    }
    throw new Error('the job never ended')
  }
  const run = async (taskType: number, actionType: number | undefined, taskInfo: object): Promise<JobData> => {
    const answer = await createJob(taskType, actionType, taskInfo)
    if (answer.body['code'] !== 0) throw new Error(answer.text)
    return settled(answer.body['data'])
  }
  const transfer = (taskType: 1 | 3, ids: ReadonlyArray<string>, newFilePath: string): Promise<JobData> =>
    run(taskType, taskType === 1 ? 101 : 301, { newFilePath, fileInfo: ids.map((fileId) => ({ fileId })) })
  const trash = async (id: string): Promise<JobData> =>
    run(2, 201, { fileInfo: [{ fileId: id, filePath: await pathOf(id) }] })
  return {
    settings,
    containerId,
    api,
    post,
    get,
    mkdir,
    createFile,
    putParts,
    upload,
    list,
    names,
    detail,
    pathOf,
    createJob,
    settled,
    run,
    transfer,
    trash,
  }
}

export type Client = ReturnType<typeof makeClient>

export type Listed = Readonly<{
  id: string
  fileName: string
  fileType: string
  mimeType: string
  size: number
  recycled: boolean
  parentFolder: ReadonlyArray<string>
}>

export type JobData = Readonly<{
  jobInfo: Readonly<{
    taskId: string
    status: number
    taskResultCode?: number
    progress: number
    contentNum: number
    createTime: string
  }>
  taskInfos: ReadonlyArray<Readonly<{ fileId: string; status: string; newFileId?: string; resultCode?: number }>>
}>

const running: Array<KooDriveEmulator> = []

export const start = async (
  options: KooDriveOptions = {},
): Promise<Client & { readonly emulator: KooDriveEmulator }> => {
  const emulator = await startKooDrive({ strict: true, now: () => noon, ...options })
  running.push(emulator)
  return { emulator, ...makeClient(emulator) }
}

/** 2025-11-03 07:01:40 UTC. */
export const noon = Date.UTC(2025, 10, 3, 7, 1, 40)

export const stopAll = async (): Promise<void> => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()))
}
