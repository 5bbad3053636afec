// npm run fuzz [-- responses [seed [adapter…]]]: each adapter against its emulator, with so many responses mutated. The service and the adapter run in processes of
// their own. Every call must end in time with a value or a typed error, within 700 MiB, without an unhandled rejection.
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { Agent, createServer, request } from 'node:http'
import { createRequire } from 'node:module'
import { isIP, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { setImmediate } from 'node:timers'
import { gzipSync } from 'node:zlib'

const self = fileURLToPath(import.meta.url)
const require = createRequire(self)
const adapters = ['tencent-smh', 'koodrive', 'webdav']
const mebibyte = 1024 * 1024
const mostMemory = 700 * mebibyte
/** Milliseconds that a call is given, and after which it counts as hanging: what was begun may take grace periods of 10 s to be undone. */
const [callTimeout, hanging] = [2000, 45_000]

const randomOf = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

// The service

const time = '2024-01-02T03:04:05.000Z'
const smhEntry = {
  ...{ type: 'file', name: 'a', size: '3', inode: '1', eTag: '"x"', crc64: '11051210869376104954' },
  ...{ creationTime: time, modificationTime: time, path: ['a'], contentType: 'text/plain' },
}
const smhBodies = (url) => [
  { ...smhEntry, type: 'dir', contents: [smhEntry, { ...smhEntry, type: 'dir', name: 'd' }], nextMarker: 'm' },
  { ...smhEntry, cosUrl: `${url}/object?sign=1` },
  { result: [{ status: 200, path: ['a'], from: ['b'] }] },
  { taskId: 1 },
  [{ taskId: 1, status: 202, result: { path: ['a'] } }],
  {
    ...{ domain: url.replace(/^\w+:\/\//, ''), path: '/object', headers: { 'x-cos-a': 'b' }, expiration: time },
    ...{ confirmKey: 'k', uploadId: 'u', confirmed: false, parts: [{ PartNumber: 1, Size: 3 }], uploader: {} },
  },
  [{ spaceId: '-', capacity: '100', size: '3' }],
  { code: 'PathConflict', message: 'm', requestId: 'r' },
]
const kooFile = {
  ...{ id: 'f', fileId: 'f', fileName: 'a', fileType: '1', mimeType: 'text/plain', size: 3, parentFolder: ['root'] },
  ...{ createdTime: time, editedTime: time, sha256: 'ab'.repeat(32), recycled: false },
}
const kooBodies = (url) => [
  { code: 0, files: [kooFile, { ...kooFile, id: 'd', fileName: 'd', fileType: '0' }], nextCursor: 'c', total: 2 },
  { code: 0, ...kooFile, multiParts: [{ partNumber: 1, uploadUrl: `${url}/put?sign=1` }] },
  { code: 0, downloads: [{ fileId: 'f', url: `${url}/object?sign=1` }] },
  { code: 0, fileIdPath: '/root/d/f', namePath: '/d/a' },
  { code: 0, data: 'job' },
  { code: 0, data: { jobInfo: { status: 1, taskResultCode: 1 }, taskInfos: [{ fileId: 'f', status: 1 }] } },
  { code: 0, data: [{ containerId: 'c', type: 1, ownerId: 'o', bizRootFileId: 'root', capacity: 9, spaceUsed: 3 }] },
  { code: 0, data: { containerId: 'c', bizRootFileId: 'root', capacity: 9, spaceUsed: 3 } },
  { code: '13000309', msg: 'm', request_id: 'r' },
]
const davResponse = (href, kind) =>
  `<D:response><D:href>${href}</D:href><D:propstat><D:prop><D:resourcetype>${kind}</D:resourcetype>` +
  `<D:getcontentlength>3</D:getcontentlength><D:getetag>"e"</D:getetag><D:getlastmodified>Tue, 02 Jan 2024 03:04:05 GMT</D:getlastmodified>` +
  '<D:quota-used-bytes>3</D:quota-used-bytes></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>'
const davBodies = (_, at) => [
  `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${davResponse(at, '<D:collection/>')}${davResponse(`${at.replace(/\/$/, '')}/a`, '')}</D:multistatus>`,
  `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${davResponse(at, '')}</D:multistatus>`,
  '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre</s:exception><s:message>m</s:message></d:error>',
]
const bodiesOf = { 'tencent-smh': smhBodies, koodrive: kooBodies, webdav: davBodies }

const deep = (n, open, close) => open.repeat(n) + close.repeat(n)
const odd = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    ' ',
    '0',
    '-1',
    '9'.repeat(400),
    'x'.repeat(70_000),
    [],
    {},
    [[[[]]]],
  ],
  ...[
    '../../etc/passwd',
    '..',
    '.',
    '/',
    'a/b',
    'a\u0000b',
    '\u001b[2J',
    '\ud800',
    '__proto__',
    'constructor',
    '%2e%2e%2f',
    'NaN',
  ],
  ...[
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'javascript:1',
    'https://[::1',
    '9007199254740993',
    '0001-01-01T00:00:00Z',
  ],
]
const pick = (random, list) => list[Math.floor(random() * list.length)]

/** Replaces, removes, repeats or renames one value somewhere in it. */
const mutateValue = (value, random) => {
  if (typeof value !== 'object' || value === null || random() < 0.2) return pick(random, odd)
  const keys = Object.keys(value)
  if (keys.length === 0) return pick(random, odd)
  const key = pick(random, keys)
  const copy = Array.isArray(value) ? [...value] : { ...value }
  const way = random()
  if (way < 0.1) delete copy[key]
  else if (way < 0.15 && Array.isArray(copy)) return Array.from({ length: 2000 }, () => copy[key])
  else if (way < 0.2) Object.defineProperty(copy, '__proto__', { value: pick(random, odd), enumerable: true })
  else copy[key] = mutateValue(value[key], random)
  return copy
}

const mutateText = (text, random) => {
  const at = Math.floor(random() * text.length)
  const way = random()
  if (way < 0.3) return text.slice(0, at)
  if (way < 0.4) return text + text
  if (way < 0.5) return text.replace(/\d+/g, () => '9'.repeat(1 + Math.floor(random() * 40)))
  if (way < 0.55) return `{"a":"1234567890123456${'\\"'.repeat(20_000)}`
  if (way < 0.6) return deep(20_000, '[', ']')
  if (way < 0.65) return deep(20_000, '<D:a xmlns:D="DAV:">', '</D:a>')
  if (way < 0.8) return text.slice(0, at) + String(pick(random, odd)) + text.slice(at)
  if (way < 0.9) return text.slice(0, at) + String.fromCharCode(random() * 256) + text.slice(at + 1)
  return String(pick(random, odd))
}

const bomb = gzipSync(Buffer.alloc(100 * mebibyte, '['))
const statuses = [
  200, 200, 200, 200, 200, 201, 202, 204, 206, 207, 301, 302, 400, 401, 403, 404, 405, 409, 412, 423, 429, 500, 503,
  507, 999,
]

/** The share of responses that stay as they are, so that calls get beyond their first request. */
const wholeShare = 0.3

/** The service whose responses are mutated, begun again now and then, so that what the calls leave behind does not grow. */
const originals = {
  'tencent-smh': async (seed) => {
    const { startTencentSmh } = require('../packages/emulators/dist/index.js')
    const { url, configuration, close } = await startTencentSmh({ seed })
    return { url, close, settings: configuration.smh }
  },
  koodrive: async (seed) => {
    const { startKooDrive } = require('../packages/emulators/dist/index.js')
    const { url, configuration, close } = await startKooDrive({ seed })
    return { url, close, settings: configuration.koo }
  },
  webdav: async () => {
    const { openMemory } = require('../packages/memory/dist/index.js')
    const { serveWebdav } = require('../packages/webdav-server/dist/index.js')
    const { right } = await serveWebdav({ drive: openMemory() })()
    return { ...right, settings: { auth: { kind: 'basic', user: 'u', password: 'token-of-fuzz' } } }
  },
}

const bytesOf = async (stream) => {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const agent = new Agent({ keepAlive: true })

/** The response to the same request. The `Host` is the one that the adapter used, so that URLs in the response lead to this service. */
const forward = ({ method, url, headers }, body, origin) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin)
    const sent = request({ hostname, port, method, path: url, headers, agent }, (response) => {
      const { statusCode: status, headers: received } = response
      for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'content-length']) delete received[name]
      bytesOf(response).then((bytes) => resolve({ status, headers: received, bytes }), reject)
    })
    sent.once('error', reject).end(body)
  })

/** JSON as a value, everything else as text. */
const valueOf = ({ headers, bytes }) => {
  try {
    return String(headers['content-type']).includes('json') ? JSON.parse(String(bytes)) : String(bytes)
  } catch {
    return String(bytes)
  }
}

const serve = async (adapter, seed) => {
  const random = randomOf(seed)
  let original = await originals[adapter](seed)
  let [passed, mutated] = [0, 0]
  const kinds = { value: 0, text: 0, status: 0, closed: 0, cut: 0, silent: 0, endless: 0, bomb: 0, noGzip: 0 }
  const [status, type] = adapter === 'webdav' ? [207, 'application/xml'] : [200, 'application/json']

  const answer = async (req, res) => {
    const body = await bytesOf(req)
    const its = original
    if (++passed % 2000 === 0) {
      original = await originals[adapter](seed)
      setTimeout(its.close, 5000).unref()
    }
    const response = await forward(req, body, its.url)
    if (random() < wholeShare) return void res.writeHead(response.status, response.headers).end(response.bytes)
    mutated += 1
    if (mutated % 50 === 0) process.send({ mutated, kinds })
    if (random() < 0.6) return void mutate(req, res, valueOf(response), response.status, response.headers)
    const own = `http://127.0.0.1:${server.address().port}`
    mutate(req, res, pick(random, bodiesOf[adapter](own, req.url.split('?')[0])), status, { 'content-type': type })
  }

  const mutate = (req, res, base, usual, given) => {
    const value = typeof base === 'string' ? base : mutateValue(base, random)
    let text = typeof value === 'string' ? value : JSON.stringify(value)
    const isText = typeof base === 'string' || random() < 0.3
    if (isText) text = mutateText(text, random)
    kinds[isText ? 'text' : 'value'] += 1
    const status = random() < 0.7 ? usual : pick(random, statuses)
    if (status !== usual) kinds.status += 1
    const headers = { ...given }
    if (random() < 0.05) headers.etag = `"${random()}"`
    if (random() < 0.02) headers['retry-after'] = pick(random, ['0', '-1', '1e9', 'never'])
    if (status >= 300 && status < 400)
      headers.location = pick(random, ['/', '//x', 'http://169.254.169.254/', req.url, ':'])
    const way = random()
    // The shares of these are small, as a client waits for its time-out, or for 100 MiB.
    if (way < 0.001) {
      kinds.silent += 1
      setTimeout(() => res.destroy(), 1000)
    } else if (way < 0.002) {
      kinds.endless += 1
      res.writeHead(status, headers)
      const more = setInterval(() => res.write('x'), 50)
      res.once('close', () => clearInterval(more))
    } else if (way < 0.0025) {
      kinds.bomb += 1
      res.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(bomb)
    } else if (way < 0.01) {
      kinds.closed += 1
      res.destroy()
    } else if (way < 0.02) {
      kinds.cut += 1
      const length = 10 + Buffer.byteLength(text)
      res.writeHead(status, { ...headers, 'content-length': length }).end(text, () => res.destroy())
    } else if (way < 0.03) {
      kinds.noGzip += 1
      res.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(text)
    } else res.writeHead(status, headers).end(text)
  }

  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()))
  server.on('clientError', (_, socket) => socket.destroy())
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, settings: original.settings }))
}

// The adapter

/** Mutated responses name other hosts. None of them is asked for, neither by name nor by address: it would take seconds, and leave this machine. */
const stayHere = () => {
  require('node:dns').lookup = (host, options, callback) => {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' })
    setImmediate(callback ?? options, error)
  }
  const { connect } = Socket.prototype
  Socket.prototype.connect = function (...args) {
    const [options] = Array.isArray(args[0]) ? args[0] : args
    if (isIP(options?.host) === 0 || options.host.startsWith('127.')) return connect.apply(this, args)
    const error = Object.assign(new Error(`connect EHOSTUNREACH ${options.host}`), { code: 'EHOSTUNREACH' })
    setImmediate(() => this.destroy(error))
    return this
  }
}

const use = async (adapter, port, given, seed) => {
  stayHere()
  const { DriveException, fromBytes, path, isAccepted } = require('../packages/core/dist/index.js')
  const random = randomOf(seed ^ 0x5bd1e995)
  let isOver = false
  process.on('message', () => (isOver = true))
  let seen = 0
  let calls = 0
  let values = 0
  const wrong = []
  const note = (what) => wrong.length < 20 && wrong.push(what)
  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (u) => note(`${event}: ${u instanceof Error ? u.stack : String(u)}`))
  const url = `http://127.0.0.1:${port}`
  const http = {
    idleTimeout: 150,
    totalTimeout: 400,
    attempts: 2,
    longestDelay: 5,
    concurrency: 64,
    lowestRate: 10_000,
  }
  // Pauses that a refusal asks for pass a hundred times as fast.
  const began = Date.now()
  const environment = {
    now: () => began + 100 * (Date.now() - began),
    delay: (ms, signal) =>
      new Promise((resolve) => (signal?.aborted ? resolve() : setTimeout(resolve, Math.min(ms, 5)))),
    log: ({ name }) => {
      if (name === 'request') seen++
    },
  }
  const module = require(`../packages/${adapter}/dist/index.js`)
  const limits = { taskTimeout: 20_000, http }
  const open = {
    'tencent-smh': () => module.openTencentSmh({ ...given, ...limits, baseUrl: url }, environment),
    koodrive: () => module.openKooDrive({ ...given, ...limits, baseUrl: url, grace: 10_000 }, environment),
    webdav: () => module.openWebDav({ ...given, url: `${url}/`, http }, environment),
  }[adapter]
  const secrets = Object.values(given.auth).filter((text) => text.length > 8)
  let drive = open()
  const names = ['', 'a', 'd', 'd/a', 'd/e/f'].map((name) => path(name))
  const place = () => pick(random, names)
  const file = () => pick(random, names.slice(1))
  const options = () => ({ timeout: callTimeout, conflict: pick(random, ['ask', 'rename', 'overwrite']) })
  const limited = { timeout: callTimeout }
  const consume = async (content) => {
    let size = 0
    try {
      for await (const chunk of content.stream) if ((size += chunk.length) > mebibyte) break
    } catch (u) {
      if (typeof u?.code !== 'string') note(`a stream failed with ${String(u)}`)
    }
  }
  const operations = {
    stat: () => drive.stat(place(), limited),
    list: () => drive.list(place(), { ...limited, cursor: undefined }),
    createDir: () => drive.createDir(file(), options()),
    copyDir: () => drive.copyDir(file(), file(), options()),
    batchMove: () => drive.batchMove([{ from: file(), to: file() }], options()),
    batchCopy: () => drive.batchCopy([{ from: file(), to: file() }], options()),
    batchRemove: () => drive.batchRemove([{ path: file() }], limited),
    readFile: () => drive.readFile(file(), limited),
    writeFile: () => drive.writeFile(file(), fromBytes('abc'), options()),
    usage: () => drive.usage(limited),
  }
  const strange = (entry) =>
    entry?.path !== undefined &&
    typeof entry.path === 'string' &&
    entry.path.split('/').some((name) => name === '..' || name === '.')
  const check = async (name, result) => {
    if (result?._tag === 'Left') {
      const { _tag, message, vendor } = result.left
      if (typeof _tag !== 'string' || typeof message !== 'string' || vendor === undefined)
        note(`${name}: no typed error`)
      if (/got exception/.test(message)) note(`${name}: ${message} ${new DriveException(result.left).cause?.stack}`)
      if (secrets.some((secret) => message.includes(secret))) note(`${name}: a message holds a secret`)
      return
    }
    if (result?._tag !== 'Right') return void note(`${name}: neither a value nor an error`)
    values++
    const value = result.right
    if (name === 'readFile') await consume(value)
    for (const entry of name === 'list' ? (value.entries ?? value.items ?? []) : [value])
      if (!isAccepted(entry) && strange(entry)) note(`${name}: the path ${entry.path}`)
  }
  const worker = async () => {
    while (!isOver && wrong.length === 0) {
      const name = pick(random, Object.keys(operations))
      calls++
      if (calls % 500 === 0) drive = open()
      let timer
      const late = new Promise((resolve) => (timer = setTimeout(resolve, hanging, 'late')))
      try {
        const result = await Promise.race([operations[name]()(), late])
        if (result === 'late') note(`${name}: no result after ${hanging} ms`)
        else await check(name, result)
      } catch (u) {
        note(`${name} threw ${u instanceof Error ? u.stack : String(u)}`)
      }
      clearTimeout(timer)
      if (calls % 100 === 0 && process.memoryUsage.rss() > mostMemory)
        note(`more than ${mostMemory / mebibyte} MiB of memory`)
    }
  }
  await Promise.all(Array.from({ length: 64 }, worker))
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  if (peak * mebibyte > mostMemory) note(`${peak} MiB of memory`)
  process.send({ requests: seen, calls, values, peak, wrong }, () => process.exit(0))
}

// Both

const started = (...args) =>
  spawn(process.execPath, [self, ...args.map(String)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
const message = (child) =>
  new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code, signal) => reject(new Error(`the process ended with ${signal ?? code}`)))
  })

const fuzz = async (adapter, responses, seed) => {
  const service = started('--service', adapter, seed)
  try {
    const { port, settings } = await message(service)
    const client = started('--adapter', adapter, port, JSON.stringify(settings), seed)
    let counted = { mutated: 0, kinds: {} }
    service.on('message', (counts) => {
      counted = counts
      if (counts.mutated >= responses && client.connected) client.send('enough')
    })
    const result = await message(client)
    console.log(JSON.stringify({ adapter, seed, responses: counted.mutated, kinds: counted.kinds, ...result }))
    return result.wrong.length === 0
  } catch (u) {
    console.log(JSON.stringify({ adapter, seed, wrong: [u.message] }))
    return false
  } finally {
    service.kill()
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first?.startsWith('--')) process.once('disconnect', () => process.exit())
if (first === '--service') await serve(rest[0], Number(rest[1]))
else if (first === '--adapter') await use(rest[0], Number(rest[1]), JSON.parse(rest[2]), Number(rest[3]))
else {
  const [seed = '1', ...chosen] = rest
  let isGood = true
  for (const adapter of chosen.length > 0 ? chosen : adapters)
    isGood = (await fuzz(adapter, Number(first ?? 100_000), Number(seed))) && isGood
  process.exitCode = isGood ? 0 : 1
}
