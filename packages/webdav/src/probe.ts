// Finds out what a server honors by trying it in a directory that is created and removed.
import { mayHaveHappened, root, under, type DriveError, type DrivePath, type Environment } from '@anydrive/core'
import { defined, delay, locate, requireSettings } from '@anydrive/core/adapter'
import type { HttpBody } from '@anydrive/http'
import type { Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { change } from './changes'
import { davOf, type Dav } from './client'
import { find } from './entries'
import { isAmbiguous } from './errors'
import { namesIn } from './listing'
import { temporaryBeside } from './place'
import { removeTemporary } from './remove'
import { WebDavSettings, type ServerTraits, type WebDavInput } from './settings'
import { isFile } from './translate'

type Result<A> = Promise<E.Either<Failure, A>>
interface Probing {
  readonly dav: Dav
  readonly dir: DrivePath
  readonly signal: AbortSignal
}

const text = (content: string): HttpBody => ({ text: content, type: 'application/octet-stream' })
const at = ({ dir }: Probing, name: string): DrivePath => under(dir, name as DrivePath)

/** Repeated where its outcome is unknown; a refusal is the result. */
const put = (p: Probing, name: string, content: string, headers: Record<string, string> = {}) => {
  const path = at(p, name)
  const request = (its: AbortSignal) => p.dav.api.put({ path, body: text(content), headers }, its)
  const reason = (fault: Failure) => TE.right(fault)
  return change(p.dav, { request, reason, repeat: 'always', paths: [path], isShort: true }, p.signal)()
}

/** Whether a result is the refusal of a condition, rather than anything else. */
const refuses = (result: E.Either<Failure, unknown>): boolean =>
  E.isLeft(result) && result.left._tag === 'PreconditionFailed'

/** Whether a result is a refusal, and not a failure of the connection or of a proxy. */
const isRefusal = (result: E.Either<Failure, unknown>): boolean =>
  E.isLeft(result) && isAmbiguous(result.left) && !mayHaveHappened(result.left)

const sizeOf = async (p: Probing, name: string): Promise<number | undefined> => {
  const found = await find(p.dav, at(p, name), p.signal)()
  return E.isRight(found) && found.right !== undefined && isFile(found.right) ? found.right.size : undefined
}

const half = 512 * 1024
const settling = 300
interface Stalled {
  readonly finish: () => void
  readonly breakOff: () => void
  readonly answer: Promise<E.Either<Failure, unknown>>
}

/** A PUT whose body pauses half-way, after the server has had time to act on the first half. */
const stalledPut = async (p: Probing, name: string, headers: Record<string, string> = {}): Promise<Stalled> => {
  const broken = new AbortController()
  let finish: () => void = () => undefined
  let stalled: () => void = () => undefined
  const paused = new Promise<void>((resolve) => (stalled = resolve))
  const stream = () => {
    let pieces = 0
    return new Readable({
      read() {
        pieces += 1
        if (pieces === 1) this.push(randomBytes(half))
        if (pieces !== 2) return
        finish = () => {
          this.push(randomBytes(half))
          this.push(null)
        }
        stalled()
      },
    })
  }
  const body: HttpBody = { stream, size: 2 * half, type: false }
  const answer = p.dav.api.put({ path: at(p, name), body, headers }, broken.signal)()
  await Promise.race([paused, answer])
  await delay(settling, p.signal)
  return { finish: () => finish(), breakOff: () => broken.abort(), answer }
}

/** By what is visible while a body is sent, and after it broke off. */
const atomicPut = async (p: Probing): Promise<boolean> => {
  await put(p, 'whole', 'old')
  const both = [await stalledPut(p, 'whole'), await stalledPut(p, 'fresh')]
  const seen = async () => (await sizeOf(p, 'whole')) === 3 && (await sizeOf(p, 'fresh')) === undefined
  const during = await seen()
  for (const one of both) {
    one.breakOff()
    await one.answer
  }
  await delay(settling, p.signal)
  return during && (await seen())
}

/** Checked at the end of the body, when it counts, and not at its start only. */
const ifNoneMatch = async (p: Probing): Promise<boolean> => {
  const condition = { 'if-none-match': '*' }
  await put(p, 'none', 'old')
  if (!refuses(await put(p, 'none', 'longer', condition))) return false
  if (E.isLeft(await put(p, 'free', 'new', condition))) return false
  const late = await stalledPut(p, 'late', condition)
  await put(p, 'late', 'old')
  late.finish()
  return refuses(await late.answer) && (await sizeOf(p, 'late')) === 3
}

/** Tags may be weak for a second after a change, and `If-Match` never holds then. */
const maturing = 1100

const versionOf = async (p: Probing, name: string): Promise<string | undefined> => {
  const found = await find(p.dav, at(p, name), p.signal)()
  return E.isRight(found) && found.right?.kind === 'file' ? found.right.version : undefined
}

const ifMatch = async (p: Probing): Promise<boolean> => {
  await put(p, 'match', 'old')
  const other = '"anydrive-no-such-version"'
  if (!refuses(await put(p, 'match', 'longer', { 'if-match': other }))) return false
  if (!refuses(await p.dav.api.remove(at(p, 'match'), other, p.signal)())) return false
  await delay(maturing, p.signal)
  const version = await versionOf(p, 'match')
  if (version === undefined || E.isLeft(await put(p, 'match', 'again', { 'if-match': version }))) return false
  await delay(maturing, p.signal)
  const second = await versionOf(p, 'match')
  if (second === undefined) return false
  const late = await stalledPut(p, 'match', { 'if-match': second })
  await put(p, 'match', 'meanwhile')
  late.finish()
  return refuses(await late.answer)
}

const etags = async (p: Probing): Promise<boolean> => (await versionOf(p, 'match')) !== undefined

const overwriteRefuses = async (p: Probing): Promise<boolean> => {
  await put(p, 'from', 'new content')
  await put(p, 'to', 'old')
  const from = { path: at(p, 'from'), directory: false }
  const to = { path: at(p, 'to'), directory: false }
  const moved = await p.dav.api.move(from, to, p.signal)()
  const copied = await p.dav.api.copy(from, to, p.signal)()
  return isRefusal(moved) && isRefusal(copied) && (await sizeOf(p, 'to')) === 3
}

const makesParents = async (p: Probing): Promise<boolean> => {
  await put(p, 'orphan', 'x')
  const [from, to] = [at(p, 'orphan'), at(p, 'no/parent')].map((path) => ({ path, directory: false }))
  return from !== undefined && to !== undefined && E.isRight(await p.dav.api.move(from, to, p.signal)())
}

const mkcolRefuses = async (p: Probing): Promise<boolean> => isRefusal(await p.dav.api.mkcol(p.dir, p.signal)())

const kept = Date.UTC(2001, 8, 9, 1, 46, 40)
const keepsTime = async (p: Probing): Promise<boolean> => {
  await put(p, 'time', 'x', { 'x-oc-mtime': String(kept / 1000) })
  const found = await find(p.dav, at(p, 'time'), p.signal)()
  return E.isRight(found) && found.right?.modifiedAt?.getTime() === kept
}

const setsTime = async (p: Probing): Promise<boolean> => {
  await put(p, 'timed', 'x')
  const set = await p.dav.api.setModified(at(p, 'timed'), new Date(kept), p.signal)()
  const found = await find(p.dav, at(p, 'timed'), p.signal)()
  return E.isRight(set) && E.isRight(found) && found.right?.modifiedAt?.getTime() === kept
}

const suspicious = '\u0001\t\n\r\u001f\u007f\\:*?"<>|'
const controls = Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join('') + '\u007f'

const hidden = '.hidden'

/** The directory is moved, since servers that keep names in memory read it again then. */
const refusedNames = async (p: Probing): Promise<Pick<ServerTraits, 'forbidden' | 'forbiddenFirst'>> => {
  const names = [hidden, ...Array.from(suspicious, (c) => `a${c}b`)]
  await p.dav.api.mkcol(at(p, 'names'), p.signal)()
  for (const name of names) await put(p, `names/${name}`, 'x')
  const [from, to] = [at(p, 'names'), at(p, 'renamed')].map((path) => ({ path, directory: true }))
  if (from === undefined || to === undefined) return {}
  await p.dav.api.move(from, to, p.signal)()
  const listed = await namesIn(p.dav, to.path, p.signal)()
  if (E.isLeft(listed)) return {}
  const there = listed.right
  const gone = Array.from(suspicious).filter((c) => !there.has(`a${c}b`))
  const others = gone.filter((c) => !controls.includes(c)).join('')
  const forbidden = gone.some((c) => controls.includes(c)) ? controls.slice(1) + others : others
  return defined({
    forbidden: forbidden === '' ? undefined : forbidden,
    forbiddenFirst: there.has(hidden) ? undefined : hidden.charAt(0),
  })
}

const traitsOf = async (p: Probing): Result<ServerTraits> => {
  const created = await p.dav.api.mkcol(p.dir, p.signal)()
  if (E.isLeft(created)) return created
  const found = await p.dav.api.stat(root, 'all', p.signal)()
  if (E.isLeft(found)) return found
  const { properties } = found.right
  const ownCloud = properties.fileid !== undefined
  const traits = {
    atomicPut: await atomicPut(p),
    ifNoneMatch: await ifNoneMatch(p),
    ifMatch: await ifMatch(p),
    etags: await etags(p),
    mkcolRefuses: await mkcolRefuses(p),
    overwriteRefuses: await overwriteRefuses(p),
    makesParents: await makesParents(p),
    quota: properties['quota-used-bytes'] !== undefined,
    keepsTime: await keepsTime(p),
    setsTime: await setsTime(p),
    ownCloud,
  }
  return E.right({ ...traits, ...(await refusedNames(p)) })
}

/**
 * The settings with `server` as it was found, to be stored and opened from then on. Needs the right to write: a directory with a temporary
 * name is created in the drive's root, and removed in every outcome. Takes some seconds. Throws a `TypeError` as `openWebDav` does.
 */
export const probeWebDav = (
  input: WebDavInput,
  environment: Environment & { readonly signal?: AbortSignal } = {},
): TE.TaskEither<DriveError, WebDavSettings> => {
  const { server: _, ...settings } = requireSettings(WebDavSettings, input, 'webdav')
  return async () => {
    const dav = davOf(settings, environment)
    const dir = temporaryBeside('probe' as DrivePath)
    const signal = environment.signal ?? new AbortController().signal
    const found = await traitsOf({ dav, dir, signal })
    await removeTemporary(dav, dir, signal)
    return E.isLeft(found)
      ? E.left(locate({ vendor: 'webdav', operation: 'requires' })(found.left))
      : E.right({ ...settings, server: found.right })
  }
}
