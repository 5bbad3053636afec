// Reverse proxies of others before a gateway, as processes of their own, each on a free port; ended by their ids.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { room } from './running'

export interface Proxy {
  readonly name: string
  readonly isInstalled: boolean
  /** Passes `path` on to the port of a gateway; the result is the URL of `path`. */
  readonly start: (port: number, path: string) => Promise<string>
}

const page = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'webdav.md'), 'utf8')

/** The example of docs/webdav.md, for another path and another port. */
const example = (language: string, port: number, path: string): string => {
  const [, text] = new RegExp(`\\n\`\`\`${language}\\n([^]*?)\`\`\``).exec(page) ?? []
  if (text === undefined) throw new Error(`docs/webdav.md has no example for ${language}`)
  return text.replaceAll('/dav/', path).replaceAll('8080', String(port))
}

const modules = '/usr/lib/apache2/modules'
const has = (program: string): boolean => spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const children = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of children) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await gone
  }
  children.clear()
})

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { method: 'OPTIONS' })
    return true
  } catch {
    return false
  }
}

const begun = async (child: ChildProcess, url: string): Promise<string> => {
  children.add(child)
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`the proxy of ${url} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return url
}

const isRoot = process.getuid?.() === 0

const nginxConfiguration = (dir: string, own: number, port: number, path: string): string => `
${isRoot ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${dir}/bodies;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${own};
    ${example('nginx', port, path)}
  }
}
`

export const nginx: Proxy = {
  name: 'nginx',
  isInstalled: has('nginx'),
  start: async (port, path) => {
    const [dir, own] = [room(), await freePort()]
    writeFileSync(join(dir, 'nginx.conf'), nginxConfiguration(dir, own, port, path))
    const args = ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')]
    return begun(spawn('nginx', args, { stdio: 'ignore' }), `http://127.0.0.1:${own}${path}`)
  },
}

const loaded = ['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'headers']

const apacheConfiguration = (dir: string, own: number, port: number, path: string): string => `
${isRoot ? 'User #65534\nGroup #65534' : ''}
ServerRoot "${dir}"
Listen 127.0.0.1:${own}
ServerName 127.0.0.1
PidFile "${dir}/httpd.pid"
ErrorLog "${dir}/error.log"
Mutex file:${dir} default
${loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
StartServers 1
${example('apache', port, path)}
`

export const apache: Proxy = {
  name: 'Apache httpd',
  isInstalled: has('apache2') && existsSync(`${modules}/mod_proxy_http.so`),
  start: async (port, path) => {
    const [dir, own] = [room(), await freePort()]
    writeFileSync(join(dir, 'httpd.conf'), apacheConfiguration(dir, own, port, path))
    if (isRoot) spawnSync('chown', ['65534:65534', dir])
    const child = spawn('apache2', ['-d', dir, '-f', join(dir, 'httpd.conf'), '-DFOREGROUND'], { stdio: 'ignore' })
    return begun(child, `http://127.0.0.1:${own}${path}`)
  },
}

const caddyConfiguration = (own: number, port: number, path: string): string => `
{
  admin off
  auto_https off
  default_bind 127.0.0.1
}
${example('text', port, path).replace('files.example.com', `http://:${own}`)}
`

export const caddy: Proxy = {
  name: 'Caddy',
  isInstalled: has('caddy'),
  start: async (port, path) => {
    const [dir, own] = [room(), await freePort()]
    writeFileSync(join(dir, 'Caddyfile'), caddyConfiguration(own, port, path))
    const args = ['run', '--adapter', 'caddyfile', '--config', join(dir, 'Caddyfile')]
    const env = { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }
    return begun(spawn('caddy', args, { stdio: 'ignore', env }), `http://127.0.0.1:${own}${path}`)
  },
}
