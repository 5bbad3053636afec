// Names of files and folders: what is allowed, how two are compared, how a taken one is changed.
import { Refusal } from './errors'

/** How names are compared within one folder. */
export type NameRules = Readonly<{
  caseSensitive: boolean
  /** Compare after Unicode normalisation (NFC). */
  normalise: boolean
  /** Files and folders share one name space. */
  oneNamespace: boolean
}>

const forbidden = /[<>|:"*?/\\]/

/** Refuses a name that the service does not take. `limit` counts characters (code points). */
export const checkName = (name: string, limit: number): void => {
  if (/^ *$/.test(name) || name === '.' || name === '..' || forbidden.test(name)) throw new Refusal('badName')
  if (lengthOf(name) > limit) throw new Refusal('nameTooLong')
}

const lengthOf = (name: string): number => (name.length <= 40 ? name.length : Array.from(name).length)

/** What stands for the name when names are compared: equal keys clash. */
export const nameKey = (name: string, isFolder: boolean, rules: NameRules): string => {
  const normal = rules.normalise ? name.normalize('NFC') : name
  const folded = rules.caseSensitive ? normal : normal.toLowerCase()
  return rules.oneNamespace ? folded : `${isFolder ? 'd' : 'f'}:${folded}`
}

/** Stem and last extension with its dot; a folder, and a name that only begins with a dot, has no extension. */
const splitExtension = (name: string, isFolder: boolean): readonly [stem: string, extension: string] => {
  const dot = name.lastIndexOf('.')
  return isFolder || dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

/** The last part of the extension, without its dot; empty if there is none. */
export const suffixOf = (name: string): string => splitExtension(name, false)[1].slice(1)

const two = (value: number): string => String(value).padStart(2, '0')

/** `yyyyMMdd_HHmmss` of a moment, on clocks that are `offsetMinutes` ahead of UTC. */
export const suffixTime = (at: number, offsetMinutes: number): string => {
  const date = new Date(at + offsetMinutes * 60_000)
  const day = `${date.getUTCFullYear()}${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`
  return `${day}_${two(date.getUTCHours())}${two(date.getUTCMinutes())}${two(date.getUTCSeconds())}`
}

/** `yyyyMMddHHmmss` in UTC, as jobs write their times. */
export const jobTime = (at: number): string => suffixTime(at, 0).replace('_', '')

/**
 * A free name near the wanted one: `_yyyyMMdd_HHmmss` before the last extension, one second later as long as that is
 * taken too, the stem cut so that the whole keeps to `limit` characters.
 */
export const freeName = (
  wanted: Readonly<{ name: string; isFolder: boolean; at: number; offsetMinutes: number; limit: number }>,
  taken: (name: string) => boolean,
): string => {
  const [stem, extension] = splitExtension(wanted.name, wanted.isFolder)
  for (let seconds = 0; ; seconds += 1) {
    const tail = `_${suffixTime(wanted.at + seconds * 1000, wanted.offsetMinutes)}${extension}`
    const room = Math.max(0, wanted.limit - Array.from(tail).length)
    const candidate = `${Array.from(stem).slice(0, room).join('')}${tail}`
    if (!taken(candidate)) return candidate
  }
}

const mimeTypes: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  xml: 'application/xml',
  pdf: 'application/pdf',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
}

export const folderMimeType = 'application/vnd.huawei-apps.folder'

export const mimeTypeOf = (name: string): string =>
  mimeTypes[suffixOf(name).toLowerCase()] ?? 'application/octet-stream'
