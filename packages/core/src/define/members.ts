// The verbs of every drive, and the members that one vendor's drive has beside them.
import type { DriveProvider } from '../contract/provider'
import type { MemberDrive, Verb } from './context'

/** Of each verb: its arguments before the options, and whether it may change something. */
export const verbs = {
  stat: { inputs: ['path'], changes: false },
  list: { inputs: ['path'], changes: false },
  createDir: { inputs: ['path'], changes: true },
  copyDir: { inputs: ['from', 'to'], changes: true },
  batchMove: { inputs: ['items'], changes: true },
  batchCopy: { inputs: ['items'], changes: true },
  batchRemove: { inputs: ['items'], changes: true },
  readFile: { inputs: ['path'], changes: false },
  writeFile: { inputs: ['path', 'source'], changes: true },
  abandonUpload: { inputs: ['ref'], changes: true },
  usage: { inputs: [], changes: false },
  task: { inputs: ['ref'], changes: false },
  listTrash: { inputs: [], changes: false },
  restore: { inputs: ['items'], changes: true },
  purge: { inputs: ['items'], changes: true },
  emptyTrash: { inputs: [], changes: true },
  search: { inputs: ['query'], changes: false },
  listVersions: { inputs: ['path'], changes: false },
  restoreVersion: { inputs: ['path', 'version'], changes: true },
  downloadUrl: { inputs: ['path'], changes: false },
  setTimes: { inputs: ['path', 'times'], changes: true },
  changes: { inputs: [], changes: false },
} as const satisfies { readonly [V in Verb]: { readonly inputs: ReadonlyArray<string>; readonly changes: boolean } }

const key: unique symbol = Symbol.for('@anydrive/core/members')
interface Recipe {
  readonly build: (drive: MemberDrive) => object
  readonly vendorCall: MemberDrive['vendorCall']
}

/** How a drive's members are built; undefined where it has none. */
export const recipeOf = (drive: object): Recipe | undefined => (drive as { readonly [key]?: Recipe })[key]

/** The drive with its members, built for this drive. */
export const withMembers = <D extends DriveProvider>(drive: D, recipe: Recipe): D => ({
  ...drive,
  ...recipe.build({ ...drive, vendorCall: recipe.vendorCall }),
  [key]: recipe,
})
