// Who has read one adapter has read all: the files of each, and the one place that decides whether a change happened.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const packages = join(__dirname, '..', '..')

const inEvery = ['api', 'capabilities', 'client', 'drive', 'errors', 'index', 'settings', 'translate', 'wire']
const whereNeeded = [
  ...['entries', 'read', 'write', 'write-multipart', 'transfer', 'remove', 'trash', 'search', 'versions'],
  ...['tasks', 'session', 'members', 'browser-upload'],
]

/** Files that only one adapter has, each with its reason. */
const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'tencent-smh': {
    outcomes: 'results of a batch or a task for each item, which transfer, remove and tasks share',
    upload: 'beginning and confirming an upload, which write and write-multipart share',
    deployment: 'which generation of the service answers, where two of them take uploads in parts differently',
    library: 'what the vendor’s members do to a library, where the others concern one space',
    'member-calls': 'how the vendor’s members send a request',
    bytes: 'hashes of a source, and its bytes on their way to the object store',
  },
  koodrive: {
    ids: 'the service knows ids, not paths: how a path is resolved, and how long an id is trusted',
    spaces: 'which space of the account the drive is',
    changes: 'single changes by id that moves, copies and uploads are composed of',
    move: 'moves are composed of renames and a job',
    copy: 'copies are composed of a folder, jobs and renames',
    'sign-in': 'how a program gets a token before it opens a drive',
  },
  webdav: {
    listing: 'pages cut from one multistatus, which is read as a stream',
    place: 'the strategies, composed where a server has none of them',
    changes: 'MKCOL, MOVE, COPY, PUT and DELETE through `attempt`, with what proves each',
    directories: 'a directory is created directly, or under a temporary name',
    probe: 'finds out what a server does, so that it measures refusals itself',
  },
  'adapter-template': {},
}

describe.each(Object.entries(own))('%s', (name, reasons) => {
  const files = readdirSync(join(packages, name, 'src')).map((file) => file.replace(/\.ts$/, ''))

  test('has the files of every adapter', () => {
    expect(inEvery.filter((file) => !files.includes(file))).toEqual([])
  })

  test('has no other file without a reason', () => {
    const known = [...inEvery, ...whereNeeded, ...Object.keys(reasons)]
    expect(files.filter((file) => !known.includes(file))).toEqual([])
  })
})

const sourcesOf = (name: string): ReadonlyArray<string> =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${name}/src/${file}`)

test('only `mayHaveHappened` reads whether a fault may have had an effect', () => {
  const readers = ['core', 'kit', 'http', 'local', 'migrate', ...Object.keys(own)]
    .flatMap(sourcesOf)
    .filter((file) => /\beffect (===|!==) '/.test(readFileSync(join(packages, file), 'utf8')))
  expect(readers).toEqual(['core/src/contract/errors.ts'])
})
