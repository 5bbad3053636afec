// Apache's mod_dav on an unused port of loopback, without a password.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** httpd as root serves as this user, who has to own what is served. */
const nobody = 65534
/** In a directory of its own below `dir`. `requests` counts those since it was called last. */
export const startApache = async (dir) => {
  const room = join(dir, 'apache')
  for (const name of [room, join(room, 'files')]) {
    mkdirSync(name)
    if (process.getuid() === 0) chownSync(name, nobody, nobody)
  }
  const port = await freePort()
  const module = (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
  writeFileSync(
    join(room, 'httpd.conf'),
    `${process.getuid() === 0 ? `User #${nobody}\nGroup #${nobody}\n` : ''}ServerRoot "${room}"
Listen 127.0.0.1:${port}
ServerName 127.0.0.1
PidFile "${room}/httpd.pid"
ErrorLog "${room}/error.log"
Mutex file:${room} default
${['mpm_event', 'authz_core', 'mime', 'dav', 'dav_fs', 'dav_lock'].map(module).join('\n')}
TypesConfig /dev/null
DocumentRoot "${room}/files"
DavLockDB "${room}/locks"
LogFormat "%m %>s" short
CustomLog "${room}/access.log" short
<Directory "${room}/files">
  Dav On
  AllowOverride None
  Require all granted
</Directory>
`,
  )
  const child = spawn('apache2', ['-f', join(room, 'httpd.conf'), '-DFOREGROUND'], { stdio: 'inherit' })
  const url = `http://127.0.0.1:${port}/`
  for (;;) {
    try {
      const [response] = await once(get(url), 'response')
      response.resume()
      break
    } catch (error) {
      if (child.exitCode !== null) throw error
      await setTimeout(50)
    }
  }
  const log = join(room, 'access.log')
  const requests = () => {
    const lines = readFileSync(log, 'utf8').split('\n').length - 1
    truncateSync(log)
    return lines
  }
  return { url, requests, stop: () => child.kill('SIGTERM') }
}
