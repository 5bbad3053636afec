// What only KooDrive has, on the emulator: teams, statistics, paths of ids, the session; and how a program signs in.
import { layer, reveal, toPromises } from '@anydrive/core'
import { kooDriveSignIn, type KooDrive } from '../src'
import { left, p, right, startBench, write, type Bench } from './bench'

let bench: Bench
beforeEach(async () => {
  bench = await startBench({
    users: [
      { id: '1505084218764547200', name: 'admin', role: 'admin', account: 'a@b.c', password: 'secret' },
      { id: '1505084218764547299', name: 'other', role: 'user' },
    ],
  })
})
afterEach(() => bench.close())

test('groups and departments of the tenant, in pages', async () => {
  const { kooDrive } = bench.open()
  const groups = await right(kooDrive.groups())
  expect(groups).toMatchObject({ total: 1, teams: [{ name: 'group', containerId: expect.any(String) as string }] })
  expect(await right(kooDrive.departments())).toMatchObject({ total: 1, teams: [{ id: expect.any(String) as string }] })
  expect(await right(kooDrive.groups({ offset: 1, limit: 1 }))).toEqual({ total: 1, teams: [] })
})

test('statistics of a folder, with what is below its folders or without', async () => {
  const drive = bench.open()
  await write(drive, 'd/f', 'four')
  await write(drive, 'd/e/g', 'five!')
  expect(await right(drive.kooDrive.folderStats(p('d')))).toEqual({ size: 9, files: 2, directories: 1 })
  expect(await right(drive.kooDrive.folderStats(p('d'), { recursive: false }))).toEqual({
    ...{ size: 4, files: 1, directories: 1 },
  })
  expect(await right(drive.kooDrive.folderStats(p('')))).toMatchObject({ files: 2, directories: 2 })
  await left(drive.kooDrive.folderStats(p('d/f')), 'WrongKind')
  await left(drive.kooDrive.folderStats(p('none')), 'NotFound')
})

test('an id is found again under its new path', async () => {
  const drive = bench.open()
  await write(drive, 'd/f')
  const { id = '' } = await right(drive.stat(p('d/f')))
  await right(drive.batchMove([{ from: p('d'), to: p('e') }]))
  expect(await right(drive.kooDrive.pathOf(id))).toBe('e/f')
  await left(drive.kooDrive.pathOf('Fnone'), 'NotFound')
})

test('a token is checked, and no longer valid after signing out', async () => {
  const drive = bench.open()
  await right(drive.kooDrive.checkSession())
  await right(drive.kooDrive.signOut())
  await left(drive.kooDrive.checkSession(), 'Unauthenticated')
})

test('members obey a layer, and take plain strings as promises', async () => {
  const drive = bench.open()
  await write(drive, 'd/f')
  const seen: Array<string> = []
  const layered: KooDrive = layer(drive, {
    '*': (next, { operation }) => {
      seen.push(operation)
      return next()
    },
  })
  expect(await toPromises(layered).kooDrive.folderStats('d')).toMatchObject({ files: 1 })
  expect(seen).toEqual(['kooDrive.folderStats'])
  await expect(toPromises(drive).kooDrive.folderStats('a//../b')).rejects.toMatchObject({
    error: { _tag: 'InvalidPath' },
  })
})

describe('signing in', () => {
  const signIn = () => kooDriveSignIn({ baseUrl: bench.emulator.url })
  const open = (auth: object): KooDrive => bench.open({ auth: { kind: 'token', ...auth } })

  test('with the code of the sign-in page', async () => {
    expect(await right(signIn().url('https://app.example'))).toContain('https%3A%2F%2Fapp.example')
    const session = await right(signIn().withCode('admin'))
    const { accessToken, sessionId } = session
    const auth = { accessToken: reveal(accessToken), sessionId: sessionId === undefined ? '' : reveal(sessionId) }
    expect((await right(open(auth).stat(p('')))).kind).toBe('directory')
    expect(JSON.stringify(session)).not.toContain(auth.sessionId)
  })

  test('with an account of the carrier edition', async () => {
    const account = { account: 'a@b.c', password: 'secret', agentName: 'carrier' }
    const { accessToken, refreshToken } = await right(signIn().withPassword(account))
    const auth = {
      accessToken: reveal(accessToken),
      refreshToken: refreshToken === undefined ? '' : reveal(refreshToken),
    }
    expect((await right(open(auth).stat(p('')))).kind).toBe('directory')
    await left(signIn().withPassword({ ...account, password: 'wrong' }), 'Unauthenticated')
  })

  test('with a code that is none', async () => {
    await left(signIn().withCode('nobody'), 'Unauthenticated')
  })
})
