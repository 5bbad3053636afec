// Real servers as processes of their own, each on a free port and a directory of its own; ended by their ids.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Running {
  readonly url: string
  /** What is served. */
  readonly files: string
}
export interface Served {
  readonly running: () => Running
}

const has = (program: string): boolean => spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined
const modules = '/usr/lib/apache2/modules'
export const hasApache = has('apache2') && existsSync(`${modules}/mod_dav_fs.so`)
export const hasRclone = has('rclone')
const nginxModule = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so'
export const hasNginx = has('nginx') && existsSync(nginxModule)

/** Says so in the name where a program is missing, and leaves the tests out. */
export const withProgram = (there: boolean, name: string, tests: () => void): void => {
  if (there) describe(name, tests)
  else
    describe(`${name}: NOT RUN, the program is not installed`, () => {
      test('is left out', () => {
        process.stderr.write(`${name}: not run, the program is not installed\n`)
      })
    })
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { method: 'OPTIONS' })
    return true
  } catch {
    return false
  }
}

const begun = async (child: ChildProcess, url: string): Promise<void> => {
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`the server of ${url} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

const served = (start: (room: string, port: number) => ChildProcess, path = '/'): Served => {
  let child: ChildProcess | undefined
  let room = ''
  let running: Running | undefined
  beforeAll(async () => {
    room = mkdtempSync(join(tmpdir(), 'anydrive-webdav-'))
    const port = await freePort()
    mkdirSync(join(room, 'files'))
    child = start(room, port)
    const url = `http://127.0.0.1:${port}${path}`
    await begun(child, url)
    running = { url, files: join(room, 'files') }
  })
  afterAll(async () => {
    if (child !== undefined) await ended(child)
    rmSync(room, { recursive: true, force: true })
  })
  return {
    running: () => {
      if (running === undefined) throw new Error('the server runs within tests only')
      return running
    },
  }
}

export const credentials = { user: 'mary', password: 'open: "sesame"' } as const
const realm = 'drives'
/** A user whose name has characters outside ASCII. */
export const foreignUser = 'märy 日本'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

const loaded = ['authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_basic', 'auth_digest']
const dav = ['mime', 'dir', 'dav', 'dav_fs', 'dav_lock']

const guards = {
  none: 'Require all granted',
  basic: `AuthType Basic\nAuthName "${realm}"\nAuthUserFile "ROOM/basic"\nRequire valid-user`,
  digest: `AuthType Digest\nAuthName "${realm}"\nAuthDigestProvider file\nAuthUserFile "ROOM/digest"\nRequire valid-user`,
} as const

const configuration = (room: string, port: number, guard: keyof typeof guards): string => `
ServerRoot "${room}"
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
PidFile "${room}/httpd.pid"
ErrorLog "${room}/error.log"
Mutex file:${room} default
LoadModule mpm_event_module ${modules}/mod_mpm_event.so
${[...loaded, ...dav].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
StartServers 1
DocumentRoot "${room}/files"
DavLockDB "${room}/locks"
KeepAliveTimeout 5
LimitXMLRequestBody 1048576
<Directory "${room}/files">
  Dav On
  AllowOverride None
  DirectoryIndex disabled
  ${guards[guard].replace('ROOM', room)}
</Directory>
`

/** httpd as root serves as the user of this line of its group, who has to own what is served. */
const owner = process.getuid?.() === 0 ? 'User #65534\nGroup #65534\n' : ''

/** Apache httpd with mod_dav, configured here from nothing. */
export const apache = (guard: keyof typeof guards = 'none'): Served =>
  served((room, port) => {
    writeFileSync(join(room, 'httpd.conf'), owner + configuration(room, port, guard))
    const shown = spawnSync('openssl', ['passwd', '-apr1', credentials.password], { encoding: 'utf8' }).stdout.trim()
    writeFileSync(join(room, 'basic'), `${credentials.user}:${shown}\n`)
    const { user, password } = credentials
    const digests = [user, foreignUser].map((name) => `${name}:${realm}:${md5(`${name}:${realm}:${password}`)}\n`)
    writeFileSync(join(room, 'digest'), digests.join(''))
    if (owner !== '') spawnSync('chown', ['-R', '65534:65534', room])
    return spawn('apache2', ['-d', room, '-f', join(room, 'httpd.conf'), '-DFOREGROUND'], { stdio: 'ignore' })
  })

/** `rclone serve webdav` of a local directory. */
export const rclone = (): Served =>
  served((room, port) =>
    spawn(
      'rclone',
      ['serve', 'webdav', join(room, 'files'), '--addr', `127.0.0.1:${port}`, '--config', join(room, 'rclone.conf')],
      { stdio: 'ignore' },
    ),
  )

const nginxConfiguration = (room: string, port: number): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
load_module ${nginxModule};
daemon off;
worker_processes 1;
pid ${room}/nginx.pid;
error_log ${room}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${room}/bodies;
  proxy_temp_path ${room}/proxy;
  fastcgi_temp_path ${room}/fastcgi;
  uwsgi_temp_path ${room}/uwsgi;
  scgi_temp_path ${room}/scgi;
  dav_ext_lock_zone zone=locks:1m;
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location / {
      root ${room}/files;
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
      dav_ext_lock zone=locks;
    }
  }
}
`

/** nginx with its dav module, and `dav-ext` for PROPFIND. */
export const nginx = (): Served =>
  served((room, port) => {
    writeFileSync(join(room, 'nginx.conf'), nginxConfiguration(room, port))
    return spawn('nginx', ['-p', room, '-c', join(room, 'nginx.conf'), '-e', join(room, 'error.log')], {
      stdio: 'ignore',
    })
  })
