// serve: a directory of any drive, over WebDAV, until it is stopped.
import { plainCredential, readHtpasswd, serveWebdav, type ServeOptions, type Users } from '@anydrive/webdav-server'
import { Argument, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gathered, type Add } from '../add'
import { locate, type Context } from '../context'
import { exits, ofDrive, usage, type Problem } from '../problem'

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
}

const addressOf = (text: string): Address => {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('It is HOST:PORT; without HOST all addresses of this machine.')
  return { host: bracketed ?? (name === undefined || name === '' ? '::' : name), port: Number(port) }
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host)

const contentOf = (file: string, cwd: string): E.Either<Problem, string> =>
  E.tryCatch(
    () => readFileSync(resolve(cwd, file), 'utf8'),
    () => usage(`${file} cannot be read`),
  )

const oneUser = (name: string, file: string | undefined, cwd: string): E.Either<Problem, Users> => {
  if (file === undefined) return E.left(usage('--user needs --password-file, which holds the password'))
  const content = contentOf(file, cwd)
  if (E.isLeft(content)) return content
  const password = content.right.replace(/\r?\n$/, '')
  if (password === '' || /[\r\n]/.test(password)) return E.left(usage(`${file} must hold a password, on one line`))
  return name === '' || name.includes(':')
    ? E.left(usage('a user’s name is not empty, and holds no colon'))
    : E.right(new Map([[name, plainCredential(password)]]))
}

const usersOf = ({ user, passwordFile, htpasswd }: Options, cwd: string): E.Either<Problem, Users | undefined> => {
  if (htpasswd !== undefined && user !== undefined) return E.left(usage('say --user or --htpasswd, not both'))
  if (user !== undefined) return oneUser(user, passwordFile, cwd)
  if (passwordFile !== undefined) return E.left(usage('--password-file needs --user'))
  if (htpasswd === undefined) return E.right(undefined)
  const content = contentOf(htpasswd, cwd)
  return E.isLeft(content)
    ? content
    : E.mapLeft((why: string) => usage(`${htpasswd}: ${why}`, 'htpasswd -cB FILE NAME writes one.'))(
        readHtpasswd(content.right),
      )
}

const tlsOf = ({ cert, key }: Options, cwd: string): E.Either<Problem, ServeOptions['tls']> => {
  if (cert === undefined && key === undefined) return E.right(undefined)
  if (cert === undefined || key === undefined) return E.left(usage('--cert and --key go together'))
  const certificate = contentOf(cert, cwd)
  const secret = contentOf(key, cwd)
  if (E.isLeft(certificate)) return certificate
  return E.isLeft(secret) ? secret : E.right({ cert: certificate.right, key: secret.right })
}

/** What somebody may not know who listens beyond this machine. */
const warn = ({ out }: Context, { host }: Address, { users, tls }: Pick<ServeOptions, 'users' | 'tls'>): void => {
  if (isLoopback(host)) return
  if (users === undefined) out.tell('Anybody who reaches this address may read and change the drive: see --htpasswd.')
  else if (tls === undefined) out.tell('Passwords cross the network unencrypted: see --cert and --key.')
}

const served = async (context: Context, place: string | undefined, options: Options) => {
  const { io, signal, out } = context
  const located = locate(context, place)
  if (E.isLeft(located)) return located
  const { drive, path } = located.right
  const users = usersOf(options, io.cwd)
  if (E.isLeft(users)) return users
  const tls = tlsOf(options, io.cwd)
  if (E.isLeft(tls)) return tls
  const entry = await drive.stat(path, { signal })()
  if (E.isLeft(entry)) return E.left(ofDrive(entry.left))
  if (entry.right.kind !== 'directory') return E.left(usage('a file cannot be served: name its directory'))
  const { addr, readOnly, properties, hostName } = options
  warn(context, addr, { users: users.right, tls: tls.right })
  const store = properties === undefined ? undefined : resolve(io.cwd, properties)
  const serving = await serveWebdav({
    ...{ drive, path, readOnly, store, ...addr, hosts: hostName, log: out.tell },
    ...{ users: users.right, tls: tls.right },
  })()
  return E.mapLeft(({ message }: { readonly message: string }) => usage(message))(serving)
}

const untilStopped = ({ signal }: Context): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })

export const addServe: Add = (program, run) => {
  program
    .command('serve')
    .addArgument(new Argument('<protocol>').choices(['webdav']))
    .argument('<place>', 'a directory of any drive')
    .description('serve a directory to Finder, Windows, rclone and others; the first line is its URL')
    .addOption(
      new Option('--addr <host:port>', 'port 0 is a free one')
        .argParser(addressOf)
        .default({ host: '127.0.0.1', port: 0 }, '127.0.0.1:0'),
    )
    .option('--user <name>', 'let this user in, and nobody else')
    .option('--password-file <file>', 'holds the password of --user, on one line')
    .option('--htpasswd <file>', 'users and their hashes (bcrypt, apr1, SHA), as htpasswd writes them')
    .option('--read-only', 'refuse every change')
    .option('--cert <file>', 'HTTPS, by this certificate (PEM)')
    .option('--key <file>', 'its private key (PEM)')
    .option('--properties <file>', 'keep there what clients note about files; in memory, unless given')
    .option('--host-name <name>', 'answer to this name without a password; may be repeated', gathered)
    .action(
      run(async (context, [, place], options: Options) => {
        const serving = await served(context, place, options)
        if (E.isLeft(serving)) return serving
        await context.out.line(serving.right.url)
        await untilStopped(context)
        await serving.right.close()
        return E.right(exits.done)
      }),
    )
}
