// What begin and renew hand out: where the bytes go, and with which credentials (docs/wire/tencent-smh.md, uploads).
import { iso } from './entries'
import { type Upload } from './records'
import { objectPath } from './upload-store'
import { type World } from './world'

const wirePath = (world: World, upload: Upload): string =>
  world.behaviour.uploadPathSlash ? objectPath(upload) : objectPath(upload).slice(1)

/** What the client needs to send the bytes of a simple or multipart upload. */
export const target = (world: World, upload: Upload) => ({
  domain: world.host(),
  path: wirePath(world, upload),
  ...(upload.uploadId === undefined ? {} : { uploadId: upload.uploadId }),
  headers: {
    Authorization: upload.authorization,
    'x-cos-security-token': upload.securityToken,
    ...(upload.kind === 'multipart' ? {} : { 'Content-Type': upload.contentType }),
  },
  expiration: iso(upload.expiresAt),
})

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

export const begun = (world: World, upload: Upload) => ({
  ...(upload.kind === 'form' ? formTarget(world, upload) : target(world, upload)),
  confirmKey: upload.confirmKey,
  availableDomainNum: 1,
})
