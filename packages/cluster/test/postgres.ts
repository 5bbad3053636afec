// A PostgreSQL server of the tests' own: in a temporary directory, on a Unix socket.
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const base = '/usr/lib/postgresql'
/** The directory of the server's programs; undefined where it is not installed. */
const programs: string | undefined = (existsSync(base) ? readdirSync(base) : [])
  .map((version) => join(base, version, 'bin'))
  .filter((dir) => existsSync(join(dir, 'initdb')))
  .at(-1)

const isInstalled = programs !== undefined
if (!isInstalled) process.stderr.write('left out: PostgreSQL is not installed; .ci/install-programs installs it\n')
/** `describe`. The server is a program of the system, so without it these tests are left out, with the message above. */
export const whereInstalled = isInstalled ? describe : describe.skip

/** The server refuses to run as root: it runs as the user that its package creates. */
const asUser = (): ReadonlyArray<string> =>
  process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []

const run = (program: string, args: ReadonlyArray<string>): void => {
  const [command = '', ...rest] = [...asUser(), join(programs ?? '', program), ...args]
  const { status, stderr, error } = spawnSync(command, rest, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`${program}: ${stderr}${error?.message ?? ''}`)
}

export interface Postgres {
  /** Of the superuser; `user`: of another one. */
  readonly url: (user?: string) => string
  /** The Unix socket that it listens on. */
  readonly socket: string
  readonly start: () => void
  /** Connections are cut. */
  readonly stop: () => void
  /** Stops it, and removes its files. */
  readonly remove: () => void
}

export const startPostgres = (): Postgres => {
  const dir = mkdtempSync(join(tmpdir(), 'anydrive-postgres-'))
  chmodSync(dir, 0o755)
  if (process.getuid?.() === 0) {
    const { stdout } = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' })
    chownSync(dir, Number(stdout), -1)
  }
  const data = join(dir, 'data')
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'anydrive', '-E', 'UTF8', '--locale=C', '--no-sync'])
  const start = (): void => {
    run('pg_ctl', [
      '-D',
      data,
      '-w',
      '-l',
      join(dir, 'log'),
      '-o',
      `-k ${dir} -c listen_addresses= -c fsync=off`,
      'start',
    ])
  }
  const stop = (): void => {
    run('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop'])
  }
  start()
  return {
    url: (user = 'anydrive') => `postgres://${user}@${encodeURIComponent(dir)}/postgres`,
    socket: join(dir, '.s.PGSQL.5432'),
    start,
    stop,
    remove: () => {
      stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
