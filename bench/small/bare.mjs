// The least that a transfer of small files costs: a keep-alive client of Node's own that sends the requests that anydrive sends, and writes files as durably.
// It reads from a response only what the next request needs, and has no verification, journal or retries. With a sixth argument, `large`, contents are streamed.
import checksums from '../../packages/checksums/dist/index.js'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { once } from 'node:events'
import { createReadStream, readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setImmediate } from 'node:timers'

const [, , kind, from, to, large] = process.argv
const atOnce = large === undefined ? 16 : 4
const { smh, koo, dav } = JSON.parse(readFileSync('anydrive.json', 'utf8')).drives
const agent = new http.Agent({ keepAlive: true })

const send = (method, url, headers = {}, body) =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    const request = http.request(url, { method, agent, headers: { ...headers, ...length } }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const bytes = Buffer.concat(chunks)
        if (response.statusCode < 300) resolve({ headers: response.headers, bytes })
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${bytes}`))
      })
    })
    request.on('error', reject)
    request.end(body)
  })
/** `write` sends the body. */
const sendFrom = (method, url, length, write) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-length': String(length) }
    const request = http.request(url, { method, agent, headers }, (response) => {
      response.resume()
      response.on('end', () =>
        response.statusCode < 300 ? resolve() : reject(new Error(`${method} ${url}: ${response.statusCode}`)),
      )
    })
    request.on('error', reject)
    write(request).then(() => request.end(), reject)
  })
const receive = async (url) => {
  const [response] = await once(http.get(url, { agent }), 'response')
  return response
}
/** Takes as many bytes at a time as it is asked for, however they come; `seen` is given each chunk. */
const pieces = (stream, seen) => {
  const chunks = stream[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  return async (request, length) => {
    for (let left = length; left > 0;) {
      if (rest.length === 0) {
        rest = (await chunks.next()).value
        seen(rest)
      }
      const chunk = rest.subarray(0, left)
      rest = rest.subarray(chunk.length)
      left -= chunk.length
      if (!request.write(chunk)) await once(request, 'drain')
    }
  }
}
const sendJson = async (method, url, headers, json) => {
  const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json))
  const type = json === undefined ? {} : { 'content-type': 'application/json' }
  const { bytes } = await send(method, url, { ...headers, ...type }, body)
  return bytes.length === 0 ? {} : JSON.parse(bytes.toString())
}

const each = async (items, work) => {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const openSmh = async () => {
  const { accessToken } = await sendJson(
    'POST',
    `${smh.baseUrl}/api/v1/token?library_id=${smh.libraryId}&library_secret=${smh.auth.librarySecret}&grant=space_admin`,
  )
  const url = (what, path, query) =>
    `${smh.baseUrl}/api/v1/${what}/${smh.libraryId}/-/${path}?${query}&access_token=${accessToken}`
  const ask = 'conflict_resolution_strategy=ask'
  return {
    list: async (dir) => {
      const items = []
      for (let marker = ''; marker !== undefined;) {
        const page = await sendJson('GET', url('directory', dir, `by-marker=1&limit=100${marker}&with_inode=1`))
        items.push(...page.contents)
        marker = page.nextMarker === undefined ? undefined : `&marker=${encodeURIComponent(page.nextMarker)}`
      }
      return items.map(({ name, type }) => ({ name, isDir: type === 'dir' }))
    },
    createDir: (dir) => sendJson('PUT', url('directory', dir, `${ask}&with_inode=1`), {}, {}),
    stream: async (path) => {
      const { cosUrl, size } = await sendJson('GET', url('file', path, 'info'))
      return { size: Number(size), algorithm: 'crc64xz', stream: await receive(cosUrl) }
    },
    read: async (path) => {
      const { cosUrl } = await sendJson('GET', url('file', path, 'info'))
      return (await send('GET', cosUrl)).bytes
    },
    write: async (path, bytes, modified) => {
      const times = { localCreationTime: modified, localModificationTime: modified }
      const begun = await sendJson('PUT', url('file', path, `${ask}&filesize=${bytes.length}`), {}, times)
      await send('PUT', `http://${begun.domain}${begun.path}`, begun.headers, bytes)
      const digests = checksums.createDigests(['crc64xz'])
      digests.update(bytes)
      const crc64 = checksums.crc64ToDecimal(digests.digest().crc64xz)
      await sendJson('POST', url('file', begun.confirmKey, `confirm&${ask}&with_inode=1`), {}, { crc64, ...times })
    },
  }
}

const openKoo = () => {
  const headers = { authorization: `Bearer ${koo.auth.accessToken}` }
  const { containerId } = koo
  const post = (path, json) => sendJson('POST', `${koo.baseUrl}/koodrive/ose/v1/${path}`, headers, json)
  const ids = new Map([['', 'root']])
  const parentOf = (path) => path.split('/').slice(0, -1).join('/')
  const nameOf = (path) => path.split('/').at(-1)
  let waiting = []
  /** As anydrive: the links that are wanted in one turn of the event loop, by one request. */
  const linkOf = (id) =>
    new Promise((resolve) => {
      if (waiting.length === 0)
        setImmediate(async () => {
          const [wanted] = [waiting, (waiting = [])]
          const { downloads } = await post('files/download', { containerId, fileIds: wanted.map((one) => one.id) })
          for (const one of wanted) one.resolve(downloads.find(({ fileId }) => fileId === one.id).url)
        })
      waiting.push({ id, resolve })
    })
  const finish = async (fileId, path, sha256) => {
    await post('files/complete', { fileId, sha256 })
    await post(`files/rename/${fileId}`, { containerId, name: nameOf(path), renameMode: 3 })
  }
  return {
    list: async (dir) => {
      const items = []
      for (let cursor; ;) {
        const page = await post('files/0', {
          ...{ containerId, parentFileId: ids.get(dir), sortInfo: { sortType: 1, sortDirection: 1 } },
          pageInfo: { pageSize: 100, ...(cursor === undefined ? {} : { pageCursor: cursor }) },
        })
        items.push(...page.files)
        cursor = page.pageInfo?.nextCursor ?? page.nextCursor
        if (cursor === undefined || cursor === '') break
      }
      for (const { id, fileName } of items) ids.set(join(dir, fileName), id)
      return items.map(({ fileName, fileType }) => ({ name: fileName, isDir: fileType === '10' }))
    },
    createDir: async (dir) => {
      const folder = { fileType: '10', mimeType: 'application/vnd.huawei-apps.folder', renameMode: 3 }
      const parentFolder = [ids.get(parentOf(dir))]
      const { id } = await post('directory', { ...folder, containerId, fileName: nameOf(dir), parentFolder })
      ids.set(dir, id)
    },
    read: async (path) => {
      const id = ids.get(path)
      const { bytes } = await send('GET', await linkOf(id), { range: 'bytes=0-1023' })
      await post(`files/${id}/detail`, { containerId })
      return bytes
    },
    write: async (path, bytes) => {
      const created = await post('files/create', {
        ...{ containerId, fileType: '45', fileName: `.tmp-${nameOf(path)}`, parentFolder: [ids.get(parentOf(path))] },
        ...{ length: bytes.length, autoRename: 3, multiParts: [{ partNumber: 1, partSize: bytes.length }] },
      })
      await send('PUT', created.multiParts[0].uploadUrl, {}, bytes)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      await finish(created.fileId, path, sha256)
    },
    writeStream: async (path, { size, algorithm, stream }) => {
      const partSize = 16 * 2 ** 20
      const parts = Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
        partNumber: i + 1,
        partSize: Math.min(partSize, size - i * partSize),
      }))
      const digests = checksums.createDigests(['sha256', algorithm])
      const write = pieces(stream, (chunk) => digests.update(chunk))
      const created = await post('files/create', {
        ...{ containerId, fileType: '45', fileName: `.tmp-${nameOf(path)}`, parentFolder: [ids.get(parentOf(path))] },
        ...{ length: size, autoRename: 3, multiParts: parts.slice(0, 100) },
      })
      let known = created.multiParts
      for (const part of parts) {
        const urlOf = () => known.find(({ partNumber }) => partNumber === part.partNumber)?.uploadUrl
        if (urlOf() === undefined)
          known = (
            await post('files/multipart/uploadUrl', {
              fileId: created.fileId,
              multiParts: parts.slice(part.partNumber - 1, part.partNumber + 99),
            })
          ).multiParts
        await sendFrom('PUT', urlOf(), part.partSize, (request) => write(request, part.partSize))
      }
      await finish(created.fileId, path, digests.digest().sha256)
    },
  }
}

/** A file gets its name by link(2), once its bytes are on the disk; then its directory is flushed, as anydrive does. */
const openLocal = () => ({
  list: async (dir) =>
    (await readdir(dir, { withFileTypes: true })).map((entry) => ({ name: entry.name, isDir: entry.isDirectory() })),
  createDir: (dir) => mkdir(dir),
  stream: async (path) => ({
    size: (await stat(path)).size,
    stream: createReadStream(path, { highWaterMark: 256 * 1024 }),
  }),
  read: (path) => readFile(path),
  write: async (path, bytes, modified) => {
    const temporary = `${path}.tmp`
    const file = await open(temporary, 'wx')
    await file.writeFile(bytes)
    await file.utimes(new Date(), new Date(modified ?? Date.now()))
    await file.sync()
    await file.close()
    await link(temporary, path)
    await unlink(temporary)
    const dir = await open(join(path, '..'), 'r')
    await dir.sync()
    await dir.close()
  },
})

/** To a server of which nothing is known: under another name first, as anydrive does. */
const openDav = () => {
  const url = (path) => dav.url + path
  const move = (from, to) => send('MOVE', url(from), { destination: url(to), overwrite: 'F' })
  const properties = Buffer.from(
    '<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/><getetag/></prop></propfind>',
  )
  const finish = async (path) => {
    await move(`${path}.tmp`, path)
    await send('PROPFIND', url(path), { depth: '0', 'content-type': 'application/xml; charset=utf-8' }, properties)
  }
  return {
    createDir: async (dir) => {
      await send('MKCOL', url(`${dir}.tmp/`))
      await move(`${dir}.tmp/`, `${dir}/`)
    },
    write: async (path, bytes) => {
      await send('PUT', url(`${path}.tmp`), {}, bytes)
      await finish(path)
    },
    writeStream: async (path, { size, stream }) => {
      const digests = checksums.createDigests(['crc64xz'])
      const write = pieces(stream, (chunk) => digests.update(chunk))
      await sendFrom('PUT', url(`${path}.tmp`), size, (request) => write(request, size))
      digests.digest()
      await finish(path)
    },
  }
}

const openers = { smh: openSmh, koo: openKoo, local: openLocal, dav: openDav }
const [source, target] = await Promise.all(kind.split('-').map((name) => openers[name]()))

const files = []
const walk = async (dir) => {
  await target.createDir(join(to, dir))
  for (const { name, isDir } of await source.list(join(from, dir)))
    if (isDir) await walk(join(dir, name))
    else files.push(join(dir, name))
}
if (kind.startsWith('koo')) await source.list('')
await walk('')
await each(files, async (path) => {
  if (large !== undefined) return target.writeStream(join(to, path), await source.stream(join(from, path)))
  const modified = kind.startsWith('local') ? (await stat(join(from, path))).mtime.toISOString() : undefined
  await target.write(join(to, path), await source.read(join(from, path)), modified)
})
agent.destroy()
