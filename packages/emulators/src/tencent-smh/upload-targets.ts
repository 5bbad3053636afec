// What begin and renew hand out: where the bytes go, and with which credentials (docs/wire/tencent-smh.md, uploads).
import { createHmac } from 'node:crypto'
import { iso } from './entries'
import { type Upload } from './records'
import { objectPath } from './upload-store'
import { type World } from './world'

const wirePath = (world: World, upload: Upload): string =>
  world.behaviour.uploadPathSlash ? objectPath(upload) : objectPath(upload).slice(1)

/** `20260917T020318Z` */
const basicTime = (at: number): string => iso(Math.floor(at / 1000) * 1000).replace(/[-:]|\.000/g, '')

/** When the headers of a part with this date expire. */
export const partExpiry = (world: World, date: string): number => {
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(at) ? 0 : at + world.behaviour.uploadSeconds * 1000
}

/** The headers that authorize sending one part, signed at `date`. */
export const partHeaders = (upload: Upload, part: number, date: string): Readonly<Record<string, string>> => {
  const signature = createHmac('sha256', upload.securityToken)
    .update(`${upload.confirmKey}/${part}/${date}`)
    .digest('hex')
  const scope = `AKIDemulator/${date.slice(0, 8)}/emulator/s3/aws4_request`
  return {
    'x-amz-date': date,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`,
  }
}

const partsNamed = (world: World, upload: Upload, numbers: ReadonlyArray<number>) => {
  const date = basicTime(world.now())
  return Object.fromEntries(numbers.map((part) => [String(part), { headers: partHeaders(upload, part, date) }]))
}

const sharedHeaders = (upload: Upload) => ({
  Authorization: upload.authorization,
  'x-cos-security-token': upload.securityToken,
  ...(upload.kind === 'multipart' ? {} : { 'Content-Type': upload.contentType }),
})

/** What the client needs to send the bytes of a simple or multipart upload; `parts` are those that it named. */
export const target = (world: World, upload: Upload, parts: ReadonlyArray<number> = []) => {
  const { partCredentials } = world.behaviour
  const isEach = upload.kind === 'multipart' && partCredentials !== 'shared'
  const isShared = upload.kind !== 'multipart' || partCredentials !== 'each'
  return {
    domain: world.host(),
    path: wirePath(world, upload),
    ...(upload.uploadId === undefined ? {} : { uploadId: upload.uploadId }),
    ...(isShared ? { headers: sharedHeaders(upload) } : {}),
    ...(isEach ? { parts: partsNamed(world, upload, parts.length === 0 ? [1] : parts) } : {}),
    expiration: iso(upload.expiresAt),
  }
}

const formTarget = (world: World, upload: Upload) => {
  const field = (name: string): string => new URLSearchParams(upload.authorization).get(name) ?? ''
  return {
    domain: world.host(),
    path: '/',
    form: {
      key: objectPath(upload).slice(1),
      acl: 'default',
      'Content-Type': upload.contentType,
      'x-cos-security-token': upload.securityToken,
      policy: Buffer.from(JSON.stringify({ expiration: iso(upload.expiresAt) })).toString('base64'),
      'q-sign-algorithm': 'sha1',
      'q-ak': 'AKIDemulator',
      'q-key-time': field('q-key-time'),
      'q-signature': field('q-signature'),
    },
    expiration: iso(upload.expiresAt),
  }
}

export const begun = (world: World, upload: Upload, parts: ReadonlyArray<number> = []) => ({
  ...(upload.kind === 'form' ? formTarget(world, upload) : target(world, upload, parts)),
  confirmKey: upload.confirmKey,
  availableDomainNum: 1,
})
