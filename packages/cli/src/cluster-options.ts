// The options of a migration as the database keeps them for the workers: JSON without any secret.
import type { ClusterMigration, Opened } from '@anydrive/cluster'
import type { MigrateOptions } from '@anydrive/migrate'
import { defined } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { locateTree, type Context } from './context'
import { driveIdentity } from './drive-identity'
import { below, filtersOf, type FilterFiles, type FilterOptions } from './filters'
import type { Rates } from './io'
import { locationText, type Location } from './location'
import { labelOf, type Options } from './migration'
import { bandwidthOf } from './policy'
import { usage, type Problem } from './problem'

const conflict = t.keyof({ ask: null, rename: null, overwrite: null, skip: null, different: null, newer: null })
const ClusterOptions = t.intersection([
  t.type({
    source: t.string,
    target: t.string,
    conflict,
    names: t.keyof({ refuse: null, encode: null, replace: null, decode: null }),
    verify: t.union([t.keyof({ size: null, stream: null, full: null }), t.strict({ sample: t.number })]),
  }),
  t.partial({
    compare: t.keyof({ size: null, time: null, checksum: null, content: null }),
    memory: t.number,
    bandwidth: t.number,
    move: t.boolean,
    removeRoot: t.boolean,
    maxErrors: t.number,
    maxBytes: t.number,
    maxDuration: t.number,
    /** Names of files, whose contents are submitted with it. */
    filterFrom: t.string,
    filesFrom: t.string,
    filesFrom0: t.string,
    /** Requests a second by drive. */
    rates: t.record(t.string, t.number),
    include: t.readonlyArray(t.string),
    exclude: t.readonlyArray(t.string),
    minSize: t.number,
    maxSize: t.number,
    /** Milliseconds since the epoch. */
    newerThan: t.number,
  }),
])
type ClusterOptions = t.TypeOf<typeof ClusterOptions>

const Lists = t.partial({ paths: t.readonlyArray(t.string), rules: t.string })

/** Options of `migrate` that a migration of many machines does not have, with why. */
const excluded = {
  journal: ['--journal', 'the database is the journal'],
  resume: ['--resume', 'anydrive cluster resume continues it'],
  retryFailed: ['--retry-failed', 'anydrive cluster retry-failed does that'],
  status: ['--status', 'anydrive cluster status shows it'],
  report: ['--report', 'anydrive cluster report writes it'],
  plan: ['--plan', 'a plan is made by one machine'],
  dryRun: ['--dry-run', 'a plan is made by one machine'],
  apply: ['--apply', 'a plan is carried out by one machine'],
  concurrency: ['--concurrency', 'it is an option of anydrive worker'],
  transfers: ['--transfers', 'anydrive worker has --concurrency'],
} as const satisfies { readonly [K in keyof Options]?: readonly [string, string] }

/** An option that cannot be combined with --cluster. */
export const misusedWithCluster = (options: Options): Problem | undefined => {
  const names = Object.keys(excluded) as ReadonlyArray<keyof typeof excluded>
  const name = names.find((one) => options[one] !== undefined)
  if (name === undefined) return undefined
  const [flag, why] = excluded[name]
  return usage(`${flag} cannot be combined with --cluster: ${why}`, `Leave ${flag} out.`)
}

const filterOptionsIn = ({ newerThan, ...options }: ClusterOptions): FilterOptions => ({
  ...options,
  ...(newerThan === undefined ? {} : { newerThan: new Date(newerThan) }),
})

interface Places {
  readonly source: Location
  readonly target: Location
}

/** `filters`: of `options`, with all ages as moments. */
export const clusterOptionsOf = (
  { source, target }: Places,
  options: Options,
  filters: FilterOptions,
  rates: Rates,
): string => {
  const { include, exclude, minSize, maxSize, newerThan, filterFrom, filesFrom, filesFrom0 } = filters
  const bandwidth = bandwidthOf(options)
  const written: ClusterOptions = {
    source: locationText(source, source.path),
    target: locationText(target, target.path),
    conflict: options.conflict,
    names: options.names,
    verify: options.verify,
    ...(options.compare === undefined ? {} : { compare: options.compare }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    rates,
    move: options.move === true,
    removeRoot: options.removeRoot === true,
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...defined({ filterFrom, filesFrom, filesFrom0, maxBytes: options.maxBytes ?? options.maxTransfer }),
    ...defined({ maxErrors: options.maxErrors, maxDuration: options.maxDuration }),
    ...(minSize === undefined ? {} : { minSize }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(newerThan === undefined ? {} : { newerThan: newerThan.getTime() }),
  }
  return JSON.stringify(written)
}

export const readClusterOptions = (text: string): E.Either<Problem, ClusterOptions> =>
  E.mapLeft(() => usage('the options of the migration cannot be read', 'Update the packages on this machine.'))(
    ClusterOptions.decode(JSON.parse(text)),
  )

/** What is submitted beside the options; undefined where no file was named. */
export const listsText = (files: FilterFiles): string | undefined =>
  files.paths === undefined && files.rules === undefined ? undefined : JSON.stringify(files)

export const readLists = (text: string | undefined): E.Either<Problem, FilterFiles> =>
  E.mapLeft(() => usage('the lists of the migration cannot be read', 'Update the packages on this machine.'))(
    Lists.decode(text === undefined ? {} : JSON.parse(text)),
  )

/** The migration with the drives of this machine. */
export const openClusterOptions = (
  context: Context,
  text: string,
  files: FilterFiles,
): E.Either<Problem, Opened & Places> => {
  const read = readClusterOptions(text)
  if (E.isLeft(read)) return read
  const source = locateTree(context, read.right.source)
  if (E.isLeft(source)) return source
  const target = locateTree(context, read.right.target)
  if (E.isLeft(target)) return target
  const filters = filtersOf(filterOptionsIn(read.right), files)
  if (E.isLeft(filters)) return filters
  const {
    conflict: strategy,
    compare,
    names,
    verify,
    memory,
    bandwidth,
    move,
    removeRoot,
    maxErrors,
    maxBytes,
    maxDuration,
  } = read.right
  const options: MigrateOptions = {
    from: { drive: source.right.drive, path: source.right.path },
    to: { drive: target.right.drive, path: target.right.path },
    conflict: strategy,
    compare,
    names,
    verify,
    memory,
    bandwidth,
    removeSource: move,
    removeRoot,
    limits: { maxErrors, maxBytes, maxDuration },
    include: below(filters.right, source.right.path),
  }
  const places = { source: source.right, target: target.right }
  return E.right({
    ...places,
    options,
    label: labelOf({ source: places.source, named: places.target }, filterOptionsIn(read.right), undefined),
  })
}

/** For a worker, with its share of the rates: a left says what is missing on this machine, or differs from what the migration was begun with. */
export const openForWorker = (
  context: Context,
  { options, source, target }: ClusterMigration,
  differing: (
    end: 'source' | 'target',
    wanted: ClusterMigration['source'],
    own: ClusterMigration['source'],
  ) => ReadonlyArray<string>,
  share: () => number,
  lists: string | undefined,
): E.Either<string, Opened> => {
  const read = readClusterOptions(options)
  if (E.isLeft(read)) return E.left(read.left.message)
  const files = readLists(lists)
  if (E.isLeft(files)) return E.left(files.left.message)
  const opened = openClusterOptions(context.paced(read.right.rates ?? {}, share), options, files.right)
  if (E.isLeft(opened)) return E.left(opened.left.message)
  const own = [
    ['source', source, driveIdentity(context, opened.right.source)],
    ['target', target, driveIdentity(context, opened.right.target)],
  ] as const
  const differences = own.flatMap(([end, wanted, identity]) =>
    E.isLeft(identity) ? [identity.left.message] : differing(end, wanted, identity.right),
  )
  return differences.length === 0 ? E.right(opened.right) : E.left(differences.join('; '))
}
