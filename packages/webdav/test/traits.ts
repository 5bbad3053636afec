// What the probe finds of the servers that run in tests; `probe.test.ts` holds it to that.
import type { ServerTraits } from '../src'

const none = {
  etags: true,
  makesParents: false,
  quota: false,
  keepsTime: false,
  setsTime: false,
  ownCloud: false,
} as const

/** 2.4.71 with mod_dav_fs. It looks at conditions before the body comes, and not again. */
export const apacheTraits: ServerTraits = {
  ...none,
  atomicPut: true,
  ifNoneMatch: false,
  ifMatch: false,
  mkcolRefuses: true,
  overwriteRefuses: true,
}

/** 1.60.1, a local directory. */
export const rcloneTraits: ServerTraits = {
  ...none,
  atomicPut: false,
  ifNoneMatch: false,
  ifMatch: false,
  mkcolRefuses: false,
  overwriteRefuses: true,
  forbidden: `${Array.from({ length: 31 }, (_, i) => String.fromCharCode(i + 1)).join('')}\u007f`,
}

/** 1.22.1 with `dav-ext` 3.0.0, which tells no tags in properties. */
export const nginxTraits: ServerTraits = {
  ...none,
  etags: false,
  makesParents: true,
  forbiddenFirst: '.',
  atomicPut: true,
  ifNoneMatch: false,
  ifMatch: false,
  mkcolRefuses: true,
  overwriteRefuses: true,
}
