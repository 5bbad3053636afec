// Services that repeat secrets and send what a terminal acts on: nothing of it reaches a terminal, a file or JSON.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { desk, type Desk } from './command'

const token = 'Very/Secret+Token=0123456789'
const password = 'correct horse"battery'
const evil = '\u001b]0;x\u0007\u001b[2J\r\u009b31m\u202eexe.\u2066\u200f'

const formsOf = (text: string): ReadonlyArray<string> => [
  text,
  text.toUpperCase(),
  encodeURIComponent(text),
  encodeURIComponent(encodeURIComponent(text)),
  JSON.stringify(text).slice(1, -1),
  Buffer.from(text).toString('base64'),
  Buffer.from(`x${text}`).toString('base64url'),
  Buffer.from(text).toString('hex'),
]
const [tokens, passwords] = [formsOf(token), formsOf(password)]
const echoes = [...tokens, ...passwords]

/** A library of SMH that refuses everything, and repeats the token in every field. */
const refusing = ({ url = '' }: IncomingMessage, res: ServerResponse): void => {
  const said = `${tokens.join(' ')} ${url} ${evil}`
  const body = { code: said, message: said, requestId: said }
  res.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\u001b', '').replaceAll('\u0007', '')
const entry = (href: string, type: string): string =>
  `<D:response><D:href>${xml(href)}</D:href><D:propstat><D:prop><D:resourcetype>${type}</D:resourcetype><D:getcontentlength>3</D:getcontentlength><D:getlastmodified>Thu, 01 Jan 1970 00:00:00 GMT</D:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`

let turn = 0
/** A WebDAV server with a file whose name is a terminal's language, and one that cannot be read. */
const sharing = (req: IncomingMessage, res: ServerResponse): void => {
  const sends = (status: number, text: string) =>
    void res.writeHead(status, { 'content-type': 'application/xml' }).end(text)
  const name = encodeURIComponent(`a${evil}b`)
  if (req.method === 'PROPFIND') {
    const entries =
      req.url === '/'
        ? [
            entry('/', '<D:collection/>'),
            ...(req.headers['depth'] === '0' ? [] : [entry(`/${name}`, ''), entry('/bad', '')]),
          ]
        : [entry(req.url ?? '', '')]
    sends(207, `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${entries.join('')}</D:multistatus>`)
  } else if (req.url === `/${name}`) res.writeHead(200, { 'content-length': 3 }).end('abc')
  else {
    const said = passwords[turn++ % passwords.length] ?? ''
    res.setHeader('x-request-id', encodeURIComponent(said))
    sends(
      403,
      `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>${xml(`no ${said} or ${req.headers.authorization ?? ''}`)}</s:message></d:error>`,
    )
  }
}

let here: Desk
const servers: Array<Server> = []
const serve = async (listener: (req: IncomingMessage, res: ServerResponse) => void): Promise<string> => {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
beforeAll(async () => {
  here = await desk()
  await here.configure({
    smh: {
      ...{ type: 'tencent-smh', baseUrl: await serve(refusing), libraryId: 'l' },
      auth: { kind: 'token', accessToken: token },
    },
    dav: { type: 'webdav', url: `${await serve(sharing)}/`, auth: { kind: 'basic', user: 'u', password } },
    mem: { type: 'memory' },
  })
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  await here.clear()
})

const expectSafe = (text: string, colored: boolean): void => {
  for (const form of echoes) expect(text).not.toContain(form)
  // eslint-disable-next-line no-control-regex -- colors are permitted on a terminal
  const bare = colored ? text.replace(/\u001b\[\d{1,3}m/g, '') : text
  // eslint-disable-next-line no-control-regex -- they are what must be absent
  expect(bare).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
}

describe.each([
  ['plain', '', false],
  ['colored', '', true],
  ['JSON', ' --json', false],
])('printed %s', (_, option, terminal) => {
  test.each([
    ['ls smh:', 3],
    ['ls smh: --verbose', 3],
    ['stat smh:a', 3],
    ['rm smh:a', 3],
    ['ls dav:', 0],
    ['tree dav:', 0],
    ['cat dav:bad', 3],
    ['check dav: mem:', 1],
  ])('%s', async (line, code) => {
    const ran = await here.do(`${line}${option}`, { terminal })
    expect(ran.code).toBe(code)
    for (const text of [ran.out, ran.err]) expectSafe(text, terminal)
    if (option !== '') for (const each of ran.out.split('\n').filter((it) => it.startsWith('{'))) JSON.parse(each)
  })
})

test('JSON holds the name as it is, escaped', async () => {
  const { out } = await here.do('ls dav: --json')
  const names = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly path: string }).path)
  expect(names.some((name) => name.includes(evil))).toBe(true)
})

test('a migration writes it to none of its files, which others cannot read', async () => {
  await here.do('migrate dav: ./to --plan plan.jsonl')
  const ran = await here.do('migrate dav: ./to --journal journal --report report.html --verbose')
  expect(ran.code).toBe(1)
  await here.do('check dav: ./to --combined combined')
  expectSafe(ran.out + ran.err, false)
  const files = [
    'plan.jsonl',
    'report.html',
    'combined',
    ...readdirSync(here.dir).filter((file) => file.startsWith('journal')),
  ]
  expect(files).toContain('journal')
  for (const file of files) {
    const text = readFileSync(here.path(file), file.startsWith('journal') ? 'latin1' : 'utf8')
    for (const form of echoes) expect(text).not.toContain(form)
    if (!file.startsWith('journal')) expectSafe(text.replaceAll('\r', ''), false)
    expect([file, (statSync(here.path(file)).mode & 0o777).toString(8)]).toEqual([file, '600'])
  }
})

test('all that is printed passes through one function', () => {
  const src = join(__dirname, '..', 'src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const writes =
    /(?:stdout|stderr|sink|screen)\.write\((?!untrusted\()|console\.\w+\(|createSink\(|writeFileSync\(|appendFile/
  const lines = files.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .filter((line) => writes.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  )
  expect(lines.sort()).toMatchInlineSnapshot(`
    [
      "combined.ts: const sink = createSink(stream, file)",
      "commands/emulate.ts: () => writeFileSync(file, text, { flag: 'wx', mode: 0o600 }),",
      "display/live.ts: screen.write(",
      "display/live.ts: screen.write(\`\${up()}\${below}\${takeMessages()}\${show}\`)",
      "output.ts: bytes: (chunk) => stdout.write(chunk),",
      "output.ts: const directly = (text: string): void => void stderr.write(\`\${text}\\n\`)",
      "output.ts: const stderr = createSink(io.stderr, 'standard error')",
      "output.ts: const stdout = createSink(io.stdout, 'standard output', () => {",
      "output.ts: write: (text) => void sink.write(text),",
      "private-file.ts: writeFileSync(fd, text)",
      "questions.ts: if (!isHidden) stderr.write(chunk)",
      "questions.ts: stderr.write('\\n')",
      "questions.ts: stderr.write(\`\${question} \`)",
      "questions.ts: stderr.write(\`\${question}\\n\${list}\\n\`)",
    ]
  `)
})

test('emulate reads secrets from the environment, which no list of processes shows', async () => {
  const env = { ANYDRIVE_EMULATE_SECRET: 'from-the-environment', ANYDRIVE_EMULATE_TOKEN: 'token-of-environment' }
  const smh = await here.do('emulate tencent-smh', { env, signal: AbortSignal.abort() })
  expect(smh.err).toContain('from-the-environment')
  const other = await here.do('emulate tencent-smh --secret of-the-line', { env, signal: AbortSignal.abort() })
  expect(other.err).toContain('of-the-line')
})
