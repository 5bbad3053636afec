// Properties of an entry: those that the drive and the gateway know, and those that clients set.
import type { Entry, Usage } from '@anydrive/core'
import { etagOf } from './conditions'
import { contentTypeOf } from './content-type'
import type { Gateway } from './gateway'
import { activeLocks } from './lock-xml'
import { escapeText, type PropertyName } from './xml-write'

/** Computed from what is there: no client sets them. */
export const protectedNames: ReadonlySet<string> = new Set([
  'creationdate',
  'getcontentlength',
  'getcontenttype',
  'getetag',
  'getlastmodified',
  'lockdiscovery',
  'quota-available-bytes',
  'quota-used-bytes',
  'resourcetype',
  'supportedlock',
])

export const quotaNames: ReadonlySet<string> = new Set(['quota-available-bytes', 'quota-used-bytes'])

const lockEntry = (scope: string): string =>
  `<D:lockentry><D:lockscope><D:${scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>`
const supportedLock = lockEntry('exclusive') + lockEntry('shared')

const quotaOf = ({ used, capacity }: Usage): ReadonlyArray<readonly [string, string]> => [
  ...(used === undefined ? [] : [['quota-used-bytes', String(used)] as const]),
  ...(used === undefined || capacity === undefined
    ? []
    : [['quota-available-bytes', String(Math.max(0, capacity - used))] as const]),
]

const fileProperties = (entry: Entry): ReadonlyArray<readonly [string, string]> =>
  entry.kind === 'file'
    ? [
        ...(entry.size === undefined ? [] : [['getcontentlength', String(entry.size)] as const]),
        ['getcontenttype', escapeText(contentTypeOf(entry))],
        ['getetag', escapeText(etagOf(entry))],
      ]
    : []

export const isTime = (date: Date | undefined): date is Date => date !== undefined && !Number.isNaN(date.getTime())

/** The content of each property of `DAV:`, by its local name. */
export const liveProperties = (gateway: Gateway, entry: Entry, usage?: Usage): ReadonlyMap<string, string> =>
  new Map([
    ['resourcetype', entry.kind === 'directory' ? '<D:collection/>' : ''],
    ['displayname', escapeText(entry.name)],
    ...(isTime(entry.createdAt) ? [['creationdate', entry.createdAt.toISOString()] as const] : []),
    ...(isTime(entry.modifiedAt) ? [['getlastmodified', entry.modifiedAt.toUTCString()] as const] : []),
    ...fileProperties(entry),
    ...(gateway.readOnly
      ? []
      : [
          ['supportedlock', supportedLock] as const,
          ['lockdiscovery', activeLocks(gateway, gateway.locks.covering(entry.path))] as const,
        ]),
    ...(entry.kind === 'directory' && usage !== undefined ? quotaOf(usage) : []),
  ])

export const keyOf = ({ uri, local }: PropertyName): string => `${uri}\0${local}`
