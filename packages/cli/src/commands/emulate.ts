// emulate: a vendor's emulator as a server of its own.
import {
  startKooDrive,
  startTencentSmh,
  type Emulator,
  type EmulatorOptions,
  type KooDriveConfig,
  type TencentSmhConfig,
} from '@anydrive/emulators'
import { Argument } from 'commander'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context, Register } from '../command'
import { misused, type ExitCode } from '../failure'

interface Options {
  readonly port?: string
  readonly host?: string
  readonly library?: string
  readonly secret?: string
  readonly space?: ReadonlyArray<string>
  readonly token?: string
  readonly data?: string
  readonly tls?: boolean
  readonly cert?: string
  readonly key?: string
  readonly strict?: boolean
  readonly latency?: string
  readonly rate?: string
  readonly faults?: string
  readonly seed?: string
  readonly world?: string
}

const numberOf = (what: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text.replace(/\/s$/, ''))
  if (!Number.isFinite(value) || value < 0) throw misused(`${what} is a number (got ${JSON.stringify(text)})`)
  return value
}

const fileOf = async (context: Context, file: string): Promise<string> => {
  try {
    return await readFile(resolve(context.io.cwd, file), 'utf8')
  } catch {
    throw misused(`${file} cannot be read`)
  }
}

const tlsOf = async (context: Context, options: Options): Promise<EmulatorOptions['tls']> => {
  if ((options.cert === undefined) !== (options.key === undefined)) throw misused('--cert and --key belong together')
  if (options.cert !== undefined && options.key !== undefined)
    return { cert: await fileOf(context, options.cert), key: await fileOf(context, options.key) }
  return options.tls === true ? true : undefined
}

const commonOf = async (context: Context, options: Options): Promise<EmulatorOptions> => ({
  port: numberOf('--port', options.port),
  host: options.host,
  strict: options.strict,
  seed: numberOf('--seed', options.seed),
  faults: options.faults,
  latencyMs: numberOf('--latency', options.latency),
  ratePerSecond: numberOf('--rate', options.rate),
  dataDir: options.data === undefined ? undefined : resolve(context.io.cwd, options.data),
  tls: await tlsOf(context, options),
})

const jsonOf = async (context: Context, file: string): Promise<unknown> => {
  const text = await fileOf(context, file)
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw misused(`${file} is not valid JSON`)
  }
}

const smhConfig = (options: Options): TencentSmhConfig | undefined => {
  const { library, secret, space, token } = options
  if (library === undefined && secret === undefined && space === undefined && token === undefined) return undefined
  return {
    libraries: [
      {
        id: library ?? 'smhemulator000001',
        secret: secret ?? 'emulator-secret',
        ...(space === undefined ? {} : { spaces: space.map((id) => ({ id })) }),
        ...(token === undefined ? {} : { tokens: [{ token }] }),
      },
    ],
  }
}

const kooConfig = (options: Options): KooDriveConfig | undefined => {
  const { library, secret, space, token } = options
  if (library !== undefined || secret !== undefined)
    throw misused('--library and --secret belong to tencent-smh; give KooDrive’s users and apps with --world FILE')
  if (space === undefined && token === undefined) return undefined
  return {
    users: [token === undefined ? {} : { tokens: [{ accessToken: token }] }],
    spaces: (space ?? [undefined]).map((containerId) => ({
      kind: 'personal',
      ...(containerId === undefined ? {} : { containerId }),
    })),
  }
}

const start = async (context: Context, vendor: string, options: Options): Promise<Emulator> => {
  const common = await commonOf(context, options)
  const world = options.world === undefined ? undefined : await jsonOf(context, options.world)
  try {
    return vendor === 'tencent-smh'
      ? await startTencentSmh({ ...common, config: (world as TencentSmhConfig | undefined) ?? smhConfig(options) })
      : await startKooDrive({ ...common, config: (world as KooDriveConfig | undefined) ?? kooConfig(options) })
  } catch (error) {
    throw misused(error instanceof Error ? error.message : 'the emulator does not start')
  }
}

const emulate = async (context: Context, vendor: string, options: Options): Promise<ExitCode> => {
  const { io, output } = context
  const emulator = await start(context, vendor, options)
  await output.line(emulator.url)
  output.message(JSON.stringify({ drives: emulator.configuration }, undefined, 2))
  if (emulator.caFile !== undefined) output.message(`clients must trust ${emulator.caFile}`)
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await emulator.close()
  return 0
}

export const registerEmulate: Register = (program, bind) => {
  program
    .command('emulate')
    .description('serve a vendor’s emulator; prints its URL when it is ready')
    .addArgument(new Argument('<vendor>').choices(['tencent-smh', 'koodrive']))
    .option('--port <n>', 'a free one unless given')
    .option('--host <address>', '127.0.0.1 unless given')
    .option('--library <id>', 'SMH: the library')
    .option('--secret <secret>', 'SMH: its secret')
    .option('--space <id...>', 'spaces')
    .option('--token <token>', 'an access token that is valid from the start')
    .option('--data <dir>', 'keep everything there across restarts')
    .option('--tls', 'HTTPS, with a certificate made for it')
    .option('--cert <file>', 'HTTPS, with this certificate (PEM)')
    .option('--key <file>', 'its key (PEM)')
    .option('--strict', 'refuse what no document describes')
    .option('--latency <ms>', 'before each answer')
    .option('--rate <n/s>', 'more requests are answered with 429')
    .option('--faults <spec>', 'for example lost=0.05,5xx=0.1')
    .option('--seed <n>', 'of ids and faults')
    .option('--world <file>', 'libraries, spaces, users and tokens as JSON')
    .action(bind(emulate))
}
