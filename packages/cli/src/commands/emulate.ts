// emulate: runs the services of vendors on this machine, until it is stopped.
import { defined } from '@anydrive/core/adapter'
import type { Emulator, EmulatorOptions } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Argument, Option } from 'commander'
import { count, repeatable, positive, whole, type Add } from '../add'
import { untilStopped, type Context } from '../context'
import { optionalPackage } from '../optional'
import { deployments, emulatedKooDrive, emulatedSmh, type Wanted } from '../emulated'
import { isRecord } from '../json-text'
import { exits, usage, type Problem } from '../problem'

interface Options extends Wanted {
  readonly port?: number
  readonly data?: string
  readonly tls?: boolean
  readonly strict?: boolean
  readonly latency?: number
  readonly rate?: number
  readonly faults?: string
  readonly seed?: number
  readonly config?: string
  readonly write?: string
}

/** `5` or `5/s`. */
const rateOf = (text: string): number => positive(text.replace(/\/s$/, ''))

const readConfig = (file: string | undefined, cwd: string): E.Either<Problem, Readonly<Record<string, unknown>>> => {
  if (file === undefined) return E.right({})
  try {
    const json: unknown = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
    return isRecord(json)
      ? E.right(json)
      : E.left(usage(`${file} must contain a JSON object`, 'See the README of @anydrive/emulators.'))
  } catch {
    return E.left(
      usage(`${file} cannot be read, or is not JSON`, 'Check the path, and the commas, quotes and braces in the file.'),
    )
  }
}

/** What a list of processes must not show: from the environment, unless the command line has it. */
const withSecrets = (options: Options, env: Context['io']['env']): Options => ({
  ...options,
  ...defined({
    secret: options.secret ?? env['ANYDRIVE_EMULATE_SECRET'],
    token: options.token ?? env['ANYDRIVE_EMULATE_TOKEN'],
  }),
})

const optionsOf = (options: Options, cwd: string): EmulatorOptions => ({
  port: options.port,
  strict: options.strict,
  seed: options.seed,
  faults: options.faults,
  latencyMs: options.latency,
  ratePerSecond: options.rate,
  dataDir: options.data === undefined ? undefined : resolve(cwd, options.data),
  ...(options.tls === true ? { tls: true as const } : {}),
})

const started = async (vendor: string, options: Options, cwd: string): Promise<E.Either<Problem, Emulator>> => {
  const config = readConfig(options.config, cwd)
  if (E.isLeft(config)) return config
  const start = vendor === 'tencent-smh' ? emulatedSmh(options, config.right) : emulatedKooDrive(options, config.right)
  if (E.isLeft(start)) return start
  const common = optionsOf(options, cwd)
  const emulators = optionalPackage('@anydrive/emulators')
  if (E.isLeft(emulators)) return emulators
  const { startKooDrive, startTencentSmh } = emulators.right
  try {
    return E.right(
      'behaviour' in start.right
        ? await startTencentSmh({ ...common, ...start.right })
        : await startKooDrive({ ...common, ...start.right }),
    )
  } catch (u) {
    return E.left(usage(u instanceof Error ? u.message : 'the emulator cannot start'))
  }
}

type Drives = Emulator['configuration']

/** The drives of an anydrive.json that reach this emulator. */
const drivesOf = ({ configuration, caFile }: Emulator): Drives =>
  caFile === undefined
    ? configuration
    : Object.fromEntries(
        Object.entries(configuration).map(([name, settings]) => [name, { ...settings, http: { ca: caFile } }]),
      )

/** Options that describe one service. */
const ofOne = ['port', 'deployment', 'library', 'secret', 'space', 'token', 'data', 'config'] as const

const startAll = async (
  vendors: ReadonlyArray<string>,
  options: Options,
  cwd: string,
): Promise<E.Either<Problem, ReadonlyArray<Emulator>>> => {
  const misplaced = vendors.length > 1 ? ofOne.find((name) => options[name] !== undefined) : undefined
  if (misplaced !== undefined)
    return E.left(usage(`--${misplaced} is for one service`, 'Name one vendor, or leave the option out.'))
  const emulators: Array<Emulator> = []
  for (const vendor of new Set(vendors)) {
    const emulator = await started(vendor, options, cwd)
    if (E.isLeft(emulator)) {
      for (const one of emulators) await one.close()
      return emulator
    }
    emulators.push(emulator.right)
  }
  return E.right(emulators)
}

/** Writes a new file that only its owner can read, since the drives hold secrets. */
const writeNew = (file: string, text: string): E.Either<Problem, void> =>
  E.tryCatch(
    () => writeFileSync(file, text, { flag: 'wx', mode: 0o600 }),
    (u) =>
      u instanceof Error && 'code' in u && u.code === 'EEXIST'
        ? usage(`${file} already exists`, 'Remove it, or name another file.')
        : usage(`${file} cannot be written`, 'Check the directory.'),
  )

const emulate = async (context: Context, vendors: ReadonlyArray<string>, given: Options) => {
  const { io, out } = context
  const options = withSecrets(given, io.env)
  const emulators = await startAll(vendors, options, io.cwd)
  if (E.isLeft(emulators)) return emulators
  const json = JSON.stringify({ drives: Object.assign({}, ...emulators.right.map(drivesOf)) as Drives }, null, 2)
  const file = options.write === undefined ? undefined : resolve(io.cwd, options.write)
  const written = file === undefined ? E.right(undefined) : writeNew(file, `${json}\n`)
  if (E.isRight(written)) {
    for (const { url } of emulators.right) await out.line(url)
    if (file === undefined) out.message(json)
    await untilStopped(context.signal)
    if (file !== undefined) rmSync(file, { force: true })
  }
  for (const one of emulators.right) await one.close()
  return E.isLeft(written) ? written : E.right(exits.done)
}

export const addEmulate: Add = (program, run) => {
  program
    .command('emulate')
    .addArgument(new Argument('<vendor...>').choices(['tencent-smh', 'koodrive']))
    .description('run the services of vendors on this machine, as their documents describe them; prints a URL for each')
    .option('--port <number>', 'the port (default: a free one)', whole)
    .addOption(
      new Option('--deployment <generation>', 'which generation of tencent-smh (default: public)').choices(deployments),
    )
    .option('--library <id>', 'the id of the library, for tencent-smh')
    .option(
      '--secret <secret>',
      'the secret of the library, or of the application for koodrive; better ANYDRIVE_EMULATE_SECRET in the environment',
    )
    .option('--space <id>', 'the id of a space; may be repeated', repeatable)
    .option('--token <token>', 'an access token that is accepted; better ANYDRIVE_EMULATE_TOKEN in the environment')
    .option('--data <directory>', 'keep all data in this directory')
    .option('--tls', 'use HTTPS, with a certificate authority of its own')
    .option('--strict', 'refuse what the vendor does not document')
    .option('--latency <ms>', 'wait before each response', whole)
    .option('--rate <n/s>', 'requests a second; further ones are refused', rateOf)
    .option('--faults <spec>', 'probabilities of faults, such as lost=0.05,5xx=0.1')
    .option('--seed <number>', 'the seed of ids and faults', count)
    .option('--config <file>', 'further state, as JSON; see the README of @anydrive/emulators')
    .option('--write <file>', 'write an anydrive.json that reaches the services; it is removed at the end')
    .action(run(emulate))
}
