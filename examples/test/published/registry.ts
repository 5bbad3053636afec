// A package registry on the loopback address that serves tarballs of this repository under their own scope.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'

export interface Tarball {
  readonly name: string
  readonly version: string
  /** The package's directory in this repository. */
  readonly dir: string
  readonly file: string
}

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly [field: string]: unknown
}

/** The text of one file of a tarball. */
export const fileOf = (tarball: Tarball, path: string): string =>
  execFileSync('tar', ['-xOzf', tarball.file, `package/${path}`], { encoding: 'utf8', maxBuffer: 2 ** 24 })

export const manifestOf = (tarball: Tarball): Manifest => JSON.parse(fileOf(tarball, 'package.json')) as Manifest

const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  // Nothing is kept in npm's cache: the same port can serve other tarballs in the next run.
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

/** Serves the tarballs as the only versions of their packages. The caller closes it. */
export const startRegistry = async (
  tarballs: ReadonlyArray<Tarball>,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const bytes = new Map(tarballs.map((tarball) => [tarball.name, readFileSync(tarball.file)]))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/').slice(1)
    const tarball = tarballs.find(({ name }) => path === name || path === `${name}.tgz`)
    const content = tarball && bytes.get(tarball.name)
    if (tarball === undefined || content === undefined) return send(response, 404, 'application/json', '{}')
    if (path.endsWith('.tgz')) return send(response, 200, 'application/octet-stream', content)
    const dist = {
      tarball: `${url}${tarball.name}.tgz`,
      integrity: `sha512-${createHash('sha512').update(content).digest('base64')}`,
    }
    const { name, version } = tarball
    const versions = { [version]: { ...manifestOf(tarball), dist } }
    send(response, 200, 'application/json', JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return { url, close }
}
