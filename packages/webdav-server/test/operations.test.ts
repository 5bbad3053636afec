// The everyday operations of other projects' clients: list, put, get, a range, move, copy and delete, over every drive.
import { openMemory } from '@anydrive/memory'
import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { drives } from './drives'
import { room, runProgram, withProgram } from './running'
import { serve } from './serving'
import { contentsOf } from './trees'

const text = '0123456789'
const name = 'zehn ü.txt'

interface Session {
  /** What the listing shows. */
  readonly listed: string
  readonly got: string
  /** Bytes 2 to 4, or the last of them from 5 where the client only resumes. */
  readonly range: string
}
/** Makes `d`, puts the file into it, lists, gets and moves it to `d/moved`, copies that to `copied`, and deletes `d`. */
type Client = (url: string, cwd: string) => Promise<Session>

const said = async (program: string, args: ReadonlyArray<string>, cwd: string, input = ''): Promise<string> => {
  const { code, out, err } = await runProgram(program, args, { cwd, input })
  if (code !== 0) throw new Error(`${program} ended with ${code ?? 'a signal'}: ${out}${err}`)
  return out
}
const fileIn = (cwd: string, file: string): string => readFileSync(join(cwd, file), 'utf8')

const lftp: Client = async (url, cwd) => {
  writeFileSync(join(cwd, 'part'), text.slice(0, 5))
  const commands = [
    'set xfer:log no; set net:max-retries 2; set net:reconnect-interval-base 1; set http:use-propfind yes; set cmd:fail-exit yes',
    'mkdir d',
    `put "${name}" -o "d/${name}"`,
    'cls -1 d',
    `get "d/${name}" -o got`,
    `get -c "d/${name}" -o part`,
    `mv "d/${name}" d/moved`,
    `get d/moved -o again; put again -o copied; put again -o spare`,
    'rm spare; rm -r d',
  ]
  const listed = await said('lftp', ['-c', `open ${url}; ${commands.join('; ')}`], cwd)
  return { listed, got: fileIn(cwd, 'got'), range: fileIn(cwd, 'part').slice(2, 5) }
}

const rclone: Client = async (url, cwd) => {
  writeFileSync(join(cwd, 'rclone.conf'), `[gate]\ntype = webdav\nurl = ${url}\nvendor = other\n`)
  const run = (...args: ReadonlyArray<string>) =>
    said('rclone', ['--config', 'rclone.conf', '--retries', '1', ...args], cwd)
  await run('mkdir', 'gate:d')
  await run('copyto', name, `gate:d/${name}`)
  const listed = await run('lsf', 'gate:d')
  await run('copyto', `gate:d/${name}`, 'got')
  const range = await run('cat', '--offset', '2', '--count', '3', `gate:d/${name}`)
  await run('moveto', `gate:d/${name}`, 'gate:d/moved')
  await run('copyto', 'gate:d/moved', 'gate:copied')
  await run('deletefile', 'gate:d/moved')
  await run('purge', 'gate:d')
  return { listed, got: fileIn(cwd, 'got'), range }
}

const curl: Client = async (url, cwd) => {
  const run = (...args: ReadonlyArray<string>) => said('curl', ['--fail', '--silent', '--show-error', ...args], cwd)
  const at = `${url}d/${encodeURIComponent(name)}`
  await run('-X', 'MKCOL', `${url}d/`)
  await run('-T', name, at)
  const listed = decodeURIComponent(await run('-X', 'PROPFIND', '-H', 'Depth: 1', `${url}d/`))
  await run('-o', 'got', at)
  const range = await run('-r', '2-4', at)
  // As it is typed in a terminal: not encoded.
  await run('-X', 'MOVE', '-H', `Destination: ${url}d/größe`, at)
  await run('-X', 'MOVE', '-H', 'Destination: /d/moved', `${url}d/${encodeURIComponent('größe')}`)
  await run('-X', 'COPY', '-H', `Destination: ${url}copied`, `${url}d/moved`)
  await run('-X', 'DELETE', `${url}d/`)
  return { listed, got: fileIn(cwd, 'got'), range }
}

const settings = (cache: string): string =>
  ['ask_auth 0', 'use_locks 1', 'delay_upload 0', 'dir_refresh 1', 'file_refresh 1', `cache_dir ${cache}`, ''].join(
    '\n',
  )

/** Mounted where no other process sees it. Names are looked up, as not every kernel lists directories of davfs2 1.6. */
const session = `
set -e
mount -t davfs -o conf=$PWD/conf,noexec "$1" mnt
trap 'cd /; umount '"$PWD"'/mnt >/dev/null' EXIT
here=$PWD
cd mnt
mkdir d
cp "$here/$2" "d/$2"
stat -c %n "d/$2" >"$here/listed"
cat "d/$2" >"$here/got"
tail -c +3 "d/$2" | head -c 3 >"$here/range"
mv "d/$2" d/moved
cp d/moved copied
rm d/moved
rmdir d
`
const davfs: Client = async (url, cwd) => {
  const cache = join(cwd, 'cache')
  for (const dir of [cache, join(cwd, 'mnt')]) mkdirSync(dir)
  chmodSync(cwd, 0o755)
  chmodSync(cache, 0o775)
  spawnSync('chgrp', ['davfs2', cache])
  writeFileSync(join(cwd, 'conf'), settings(cache), { mode: 0o600 })
  await said('unshare', ['-m', '--propagation', 'private', 'sh', '-c', session, 'sh', url, name], cwd)
  return { listed: fileIn(cwd, 'listed'), got: fileIn(cwd, 'got'), range: fileIn(cwd, 'range') }
}

const canOpenFuse = (): boolean => {
  try {
    closeSync(openSync('/dev/fuse', 'r+'))
    return true
  } catch {
    return false
  }
}
const canMount = existsSync('/sbin/mount.davfs') && canOpenFuse() && spawnSync('unshare', ['-m', 'true']).status === 0

const clients: ReadonlyArray<readonly [string, Client, boolean?]> = [
  ['lftp', lftp],
  ['rclone', rclone],
  ['curl', curl],
  ['davfs2', davfs, canMount],
]

for (const [program, client, isInstalled] of clients)
  withProgram(
    program,
    () => {
      test.each(Object.keys(drives))('lists, puts, gets, moves, copies and deletes over %s', async (drive) => {
        const gateway = await serve({ drive: (await drives[drive]?.()) ?? openMemory() })
        const cwd = room()
        writeFileSync(join(cwd, name), text)
        const { listed, got, range } = await client(gateway.url, cwd)
        expect(listed).toMatch(name)
        expect([got, range]).toEqual([text, '234'])
        const digest = createHash('sha256').update(text).digest('hex')
        expect(await contentsOf(gateway.drive)).toEqual([`copied ${digest}`])
      })
    },
    isInstalled,
  )
