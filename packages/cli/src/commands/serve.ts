// serve: serves a directory of any drive over WebDAV, until it is stopped.
import { plainCredential, readHtpasswd, serveWebdav, type ServeOptions, type Users } from '@anydrive/webdav-server'
import { Argument, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { repeatable, type Add } from '../add'
import { locate, untilStopped, type Context } from '../context'
import type { Location } from '../location'
import { exits, ofDrive, usage, type Problem } from '../problem'
import { withoutTemporaries } from '../temporaries'

interface Address {
  readonly host: string
  readonly port: number
}
interface Options {
  readonly addr: Address
  readonly user?: string
  readonly passwordFile?: string
  readonly htpasswd?: string
  readonly readOnly?: boolean
  readonly cert?: string
  readonly key?: string
  readonly properties?: string
  readonly hostName?: ReadonlyArray<string>
  readonly publicUrl?: string
  readonly trustedProxy?: ReadonlyArray<string>
  readonly state?: string
}

const addressOf = (text: string): Address => {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('It must be HOST:PORT; without HOST it means all addresses of this machine.')
  return { host: bracketed ?? (name === undefined || name === '' ? '::' : name), port: Number(port) }
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host)

const contentOf = (file: string, cwd: string): E.Either<Problem, string> =>
  E.tryCatch(
    () => readFileSync(resolve(cwd, file), 'utf8'),
    () => usage(`${file} cannot be read`, 'Check the path and the permissions.'),
  )

const oneUser = (name: string, file: string | undefined, cwd: string): E.Either<Problem, Users> => {
  if (file === undefined)
    return E.left(
      usage('--user needs --password-file', 'Write the password to a file, and name it with --password-file FILE.'),
    )
  const content = contentOf(file, cwd)
  if (E.isLeft(content)) return content
  const password = content.right.replace(/\r?\n$/, '')
  if (password === '' || /[\r\n]/.test(password))
    return E.left(
      usage(`${file} must contain a password on one line`, 'Write the password to it, without an empty line.'),
    )
  return name === '' || name.includes(':')
    ? E.left(usage('the name of a user must not be empty or contain a colon', 'Choose another name for --user.'))
    : E.right(new Map([[name, plainCredential(password)]]))
}

const usersOf = ({ user, passwordFile, htpasswd }: Options, cwd: string): E.Either<Problem, Users | undefined> => {
  if (htpasswd !== undefined && user !== undefined)
    return E.left(usage('--user and --htpasswd cannot be combined', 'Give one of the two.'))
  if (user !== undefined) return oneUser(user, passwordFile, cwd)
  if (passwordFile !== undefined) return E.left(usage('--password-file needs --user', 'Add --user NAME.'))
  if (htpasswd === undefined) return E.right(undefined)
  const content = contentOf(htpasswd, cwd)
  return E.isLeft(content)
    ? content
    : E.mapLeft((why: string) => usage(`${htpasswd}: ${why}`, 'Write the file with htpasswd -cB FILE NAME.'))(
        readHtpasswd(content.right),
      )
}

const tlsOf = ({ cert, key }: Options, cwd: string): E.Either<Problem, ServeOptions['tls']> => {
  if (cert === undefined && key === undefined) return E.right(undefined)
  if (cert === undefined || key === undefined)
    return E.left(usage('--cert and --key need each other', 'Give both, or neither.'))
  const certificate = contentOf(cert, cwd)
  const secret = contentOf(key, cwd)
  if (E.isLeft(certificate)) return certificate
  return E.isLeft(secret) ? secret : E.right({ cert: certificate.right, key: secret.right })
}

/** Warns about the dangers of an address that other machines reach. */
const warn = ({ out }: Context, { host }: Address, { users, tls }: Pick<ServeOptions, 'users' | 'tls'>): void => {
  if (isLoopback(host)) return
  if (users === undefined)
    out.message('warning: anybody who reaches this address may read and change the drive; see --htpasswd')
  else if (tls === undefined) out.message('warning: passwords cross the network unencrypted; see --cert and --key')
}

/** Of this user, for this directory of this drive, whose settings are in this file. */
const journalOf = ({ drives }: Context, { name, path }: Location): string => {
  const configuration = name === 'local' ? undefined : E.toUnion(drives.configuration())
  const file = configuration !== undefined && 'file' in configuration ? configuration.file : ''
  const key = JSON.stringify([userInfo().uid, file, name, path])
  return join(tmpdir(), `anydrive-serve-${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`)
}

const served = async (context: Context, place: string | undefined, options: Options) => {
  const { io, signal, out } = context
  const located = locate(context, place)
  if (E.isLeft(located)) return located
  const { path } = located.right
  const drive = withoutTemporaries(located.right.drive)
  const users = usersOf(options, io.cwd)
  if (E.isLeft(users)) return users
  const tls = tlsOf(options, io.cwd)
  if (E.isLeft(tls)) return tls
  const entry = await drive.stat(path, { signal })()
  if (E.isLeft(entry)) return E.left(ofDrive(entry.left))
  if (entry.right.kind !== 'directory') return E.left(usage('a file cannot be served', 'Name its directory.'))
  const { addr, readOnly, properties, hostName, publicUrl, trustedProxy, state } = options
  warn(context, addr, { users: users.right, tls: tls.right })
  const fileOf = (name: string | undefined) => (name === undefined ? undefined : resolve(io.cwd, name))
  const serving = await serveWebdav({
    ...{ drive, path, readOnly, ...addr, hosts: hostName, log: out.message },
    ...{ publicUrl, trustedProxies: trustedProxy, store: fileOf(properties), state: fileOf(state) },
    journal: journalOf(context, located.right),
    ...{ users: users.right, tls: tls.right },
  })()
  return E.mapLeft(({ message }: { readonly message: string }) => usage(message))(serving)
}

export const addServe: Add = (program, run) => {
  program
    .command('serve')
    .addArgument(new Argument('<protocol>').choices(['webdav']))
    .argument('<place>', 'a directory of any drive')
    .description('serve a directory to Finder, Windows, rclone and others; the first line is its URL')
    .addOption(
      new Option('--addr <host:port>', 'the address to listen on; port 0 is a free one')
        .argParser(addressOf)
        .default({ host: '127.0.0.1', port: 0 }, '127.0.0.1:0'),
    )
    .option('--user <name>', 'accept only this user')
    .option('--password-file <file>', 'a file with the password of --user, on one line')
    .option('--htpasswd <file>', 'a file with users and hashes (bcrypt, apr1, SHA), as htpasswd writes it')
    .option('--read-only', 'refuse every change')
    .option('--cert <file>', 'use HTTPS with this certificate (PEM)')
    .option('--key <file>', 'the private key of --cert (PEM)')
    .option('--properties <file>', 'keep the properties that clients set in this file (default: in memory)')
    .option('--state <file>', 'keep locks in this file, so that they survive a restart (default: in memory)')
    .option(
      '--public-url <url>',
      'the URL of the directory behind a reverse proxy, which passes paths unchanged (default: the address itself)',
    )
    .option(
      '--trusted-proxy <address>',
      'use X-Forwarded-Proto and X-Forwarded-Host from this IP address or network (default: from none); may be repeated',
      repeatable,
    )
    .option('--host-name <name>', 'the name of this host, accepted without a password; may be repeated', repeatable)
    .action(
      run(async (context, [, place], options: Options) => {
        const serving = await served(context, place, options)
        if (E.isLeft(serving)) return serving
        await context.out.line(serving.right.url)
        await untilStopped(context.signal)
        await serving.right.close()
        return E.right(exits.done)
      }),
    )
}
