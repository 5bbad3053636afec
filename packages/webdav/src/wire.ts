// What a server sends, exactly: one response of a multistatus, and the properties that are asked for.

/** The properties read here, by namespace and name; a property with another status than 2xx is absent. */
export interface DavProperties {
  /** `resourcetype` holds `collection`. */
  readonly collection?: boolean
  readonly getcontentlength?: string
  readonly getcontenttype?: string
  readonly getlastmodified?: string
  readonly creationdate?: string
  readonly getetag?: string
  readonly 'quota-used-bytes'?: string
  readonly 'quota-available-bytes'?: string
  /** ownCloud and Nextcloud: `SHA1:… MD5:… ADLER32:…`. */
  readonly checksums?: string
  /** ownCloud and Nextcloud. */
  readonly fileid?: string
}

export interface DavResponse {
  /** As sent: a URL or a path, percent-encoded in whatever way. One response may bear several. */
  readonly hrefs: ReadonlyArray<string>
  /** Of the whole resource, where the response has no properties. */
  readonly status?: number
  readonly properties: DavProperties
  /** Statuses of its propstat elements that are not 2xx. */
  readonly refused: ReadonlyArray<number>
}

export const davNamespace = 'DAV:'
export const ownCloudNamespace = 'http://owncloud.org/ns'

const live = ['resourcetype', 'getcontentlength', 'getcontenttype', 'getlastmodified', 'creationdate', 'getetag']
const quota = ['quota-used-bytes', 'quota-available-bytes']
const ownCloud = ['checksums', 'fileid']
export const textProperties: Readonly<Record<string, ReadonlySet<string>>> = {
  [davNamespace]: new Set([...live.slice(1), ...quota]),
  [ownCloudNamespace]: new Set(ownCloud),
}

export type Asking = 'entry' | 'ownCloud entry' | 'quota' | 'all'

/** The body of a PROPFIND. What a server does not know it repeats for every entry, so nothing is asked for in vain. */
export const propfind = (asking: Asking): string => {
  const names = [
    ...(asking === 'quota' ? ['resourcetype'] : live),
    ...(asking === 'quota' || asking === 'all' ? quota : []),
  ]
  const extra = asking === 'ownCloud entry' || asking === 'all' ? ownCloud : []
  const properties = [...names.map((name) => `<D:${name}/>`), ...extra.map((name) => `<o:${name}/>`)].join('')
  const declared = extra.length === 0 ? '' : ` xmlns:o="${ownCloudNamespace}"`
  return `<?xml version="1.0" encoding="utf-8"?>\n<D:propfind xmlns:D="DAV:"${declared}><D:prop>${properties}</D:prop></D:propfind>`
}
