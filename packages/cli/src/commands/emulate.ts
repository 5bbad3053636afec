// emulate: a vendor's service on this machine, until it is stopped.
import type { Emulator, EmulatorOptions } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Argument } from 'commander'
import { count, gathered, positive, whole, type Add } from '../add'
import type { Context } from '../context'
import { emulatedKooDrive, emulatedSmh, type Wanted } from '../emulated'
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
}

/** `5` or `5/s`. */
const rateOf = (text: string): number => positive(text.replace(/\/s$/, ''))

const given = (file: string | undefined, cwd: string): E.Either<Problem, Readonly<Record<string, unknown>>> => {
  if (file === undefined) return E.right({})
  try {
    const json: unknown = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? E.right(json as Readonly<Record<string, unknown>>)
      : E.left(usage(`${file} must hold a JSON object`))
  } catch {
    return E.left(usage(`${file} cannot be read, or is not JSON`))
  }
}

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
  const config = given(options.config, cwd)
  if (E.isLeft(config)) return config
  const start = vendor === 'tencent-smh' ? emulatedSmh(options, config.right) : emulatedKooDrive(options, config.right)
  if (E.isLeft(start)) return start
  const common = optionsOf(options, cwd)
  const { startKooDrive, startTencentSmh } = await import('@anydrive/emulators')
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

/** What reaches this emulator, as the drives of an anydrive.json. */
const drivesOf = ({ configuration, caFile }: Emulator): unknown =>
  caFile === undefined
    ? configuration
    : Object.fromEntries(
        Object.entries(configuration).map(([name, settings]) => [name, { ...settings, http: { ca: caFile } }]),
      )

const untilStopped = ({ signal }: Context): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else
      signal.addEventListener(
        'abort',
        () => {
          done()
        },
        { once: true },
      )
  })

export const addEmulate: Add = (program, run) => {
  program
    .command('emulate')
    .addArgument(new Argument('<vendor>').choices(['tencent-smh', 'koodrive']))
    .description('run a vendor’s service on this machine, as its documents describe it; the first line is its URL')
    .option('--port <number>', 'a free one, unless given', whole)
    .option('--library <id>', 'of tencent-smh')
    .option('--secret <secret>', 'of the library, or of the application of koodrive')
    .option('--space <id>', 'a space; may be repeated', gathered)
    .option('--token <token>', 'an access token that is accepted')
    .option('--data <directory>', 'keep everything there')
    .option('--tls', 'HTTPS, by an authority made for it')
    .option('--strict', 'refuse what the vendor does not document')
    .option('--latency <ms>', 'before each answer', whole)
    .option('--rate <n/s>', 'requests a second; more are refused', rateOf)
    .option('--faults <spec>', 'probabilities, as lost=0.05,5xx=0.1')
    .option('--seed <number>', 'ids and faults follow from it', count)
    .option('--config <file>', 'more of its state, as JSON; the README of @anydrive/emulators describes it')
    .action(
      run(async (context, [vendor = ''], options: Options) => {
        const emulator = await started(vendor, options, context.io.cwd)
        if (E.isLeft(emulator)) return emulator
        await context.out.line(emulator.right.url)
        context.out.tell(JSON.stringify({ drives: drivesOf(emulator.right) }, null, 2))
        await untilStopped(context)
        await emulator.right.close()
        return E.right(exits.done)
      }),
    )
}
