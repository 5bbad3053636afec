// Requests in the order in which applications send them. The applications themselves were not run: each order is from their sources or from their makers' descriptions.
import { openMemory } from '@anydrive/memory'
import { drives } from './drives'
import { askChunked, hrefsIn, lockInfo, serve, tokenOf, type Ask, type Gateway } from './serving'

const each = (application: string, run: (gateway: Gateway) => Promise<void>): void => {
  test.each(Object.keys(drives))(`${application}, over %s`, async (name) => {
    await run(await serve({ drive: (await drives[name]?.()) ?? openMemory() }))
  })
}

const asks = async (
  ask: Ask,
  ...requests: ReadonlyArray<readonly [method: string, path: string, status: number, headers?: object, body?: string]>
): Promise<void> => {
  for (const [method, path, status, headers = {}, body] of requests)
    expect([method, path, (await ask(method, path, { ...headers }, body)).status]).toEqual([method, path, status])
}

const propfind = (names: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><d:propfind xmlns:d="DAV:"><d:prop>${names}</d:prop></d:propfind>`

each('Joplin: a tag without quotes with every change, and markers beside the notes', async ({ ask }) => {
  const ignore = { 'if-none-match': 'JoplinIgnore-84211' }
  const stat = propfind('<d:getlastmodified/><d:resourcetype/>')
  await asks(
    ask,
    ['PROPFIND', '/Joplin/', 404, { ...ignore, depth: 1 }, stat],
    ['MKCOL', '/Joplin', 201, ignore],
    ['MKCOL', '/Joplin', 405, ignore],
    ['MKCOL', '/Joplin/.resource', 201, ignore],
    ['GET', '/Joplin/info.json', 404],
    ['PUT', '/Joplin/info.json', 201, { ...ignore, 'content-type': 'application/octet-stream' }, '{"version":3}'],
    ['PUT', '/Joplin/5f0e.md', 201, ignore, 'title\n\nbody'],
    ['PUT', '/Joplin/5f0e.md', 204, ignore, 'title\n\nother'],
    ['PROPFIND', '/Joplin/5f0e.md', 207, { ...ignore, depth: 0 }, stat],
    ['DELETE', '/Joplin/gone.md', 404, ignore],
  )
  expect(
    hrefsIn(await ask('PROPFIND', '/Joplin/', { ...ignore, depth: 1 }, stat))
      .slice()
      .sort(),
  ).toEqual(['/Joplin/', '/Joplin/.resource/', '/Joplin/5f0e.md', '/Joplin/info.json'])
  expect((await ask('GET', '/Joplin/5f0e.md')).text).toBe('title\n\nother')
  await asks(ask, ['DELETE', '/Joplin/5f0e.md', 204, ignore], ['GET', '/Joplin/5f0e.md', 404])
})

each('Zotero: a check of the server, and a file with its properties', async ({ ask }) => {
  const names = propfind('<d:getcontentlength/>')
  await asks(
    ask,
    ['OPTIONS', '/zotero/', 200],
    ['PROPFIND', '/zotero/', 404, { depth: 0 }, names],
    ['PROPFIND', '/', 207, { depth: 0 }, names],
    ['MKCOL', '/zotero/', 201],
    ['GET', '/zotero/nonexistent.prop', 404],
    ['PUT', '/zotero/zotero-test-file.prop', 201, {}, ' '],
    ['GET', '/zotero/zotero-test-file.prop', 200],
    ['DELETE', '/zotero/zotero-test-file.prop', 204],
    ['GET', '/zotero/ABCD2345.prop', 404],
    ['PUT', '/zotero/ABCD2345.zip', 201, { 'content-type': 'application/zip' }, 'PK'],
    ['DELETE', '/zotero/ABCD2345.prop', 404],
    ['PUT', '/zotero/ABCD2345.prop', 201, { 'content-type': 'text/xml' }, '<properties version="1"/>'],
    ['GET', '/zotero/ABCD2345.prop', 200],
    ['GET', '/zotero/ABCD2345.zip', 200],
    ['DELETE', '/zotero/ABCD2345.prop', 204],
    ['DELETE', '/zotero/ABCD2345.zip', 204],
  )
})

each('KeePass: a transaction by another name', async ({ ask, url }) => {
  await asks(
    ask,
    ['PUT', '/my%20db.kdbx', 201, {}, 'first'],
    ['HEAD', '/my%20db.kdbx', 200],
    ['GET', '/my%20db.kdbx', 200],
    ['PUT', '/my%20db.kdbx.tmp', 201, {}, 'second'],
    ['DELETE', '/my%20db.kdbx', 204],
    ['MOVE', '/my%20db.kdbx.tmp', 201, { destination: `${url}my%20db.kdbx`, overwrite: 'T' }],
    ['HEAD', '/my%20db.kdbx.tmp', 404],
  )
  expect((await ask('GET', '/my%20db.kdbx')).text).toBe('second')
})

each('Office: a document that is locked, saved, stamped and unlocked', async ({ ask }) => {
  const owner = '<owner xmlns="DAV:"><href>DESKTOP\\mary</href></owner>'
  await asks(
    ask,
    ['OPTIONS', '/', 200],
    ['PUT', '/report.docx', 201, {}, 'first'],
    ['HEAD', '/report.docx', 200],
    ['PROPFIND', '/report.docx', 207, { depth: 0, 'content-length': 0 }],
  )
  const seconds = { timeout: 'Second-3600', depth: 0 }
  const locked = await ask('LOCK', '/report.docx', seconds, lockInfo('exclusive', owner))
  expect(locked.text).toMatch('DESKTOP\\mary')
  const held = { if: `(${tokenOf(locked)})` }
  const stamp =
    '<D:propertyupdate xmlns:D="DAV:" xmlns:Z="urn:schemas-microsoft-com:"><D:set><D:prop><Z:Win32LastModifiedTime>Mon, 06 May 2024 07:08:09 GMT</Z:Win32LastModifiedTime><Z:Win32FileAttributes>00000020</Z:Win32FileAttributes></D:prop></D:set></D:propertyupdate>'
  await asks(
    ask,
    ['GET', '/report.docx', 200],
    ['PUT', '/report.docx', 423, {}, 'other'],
    ['PUT', '/report.docx', 204, held, 'second'],
    ['PROPPATCH', '/report.docx', 207, held, stamp],
    ['LOCK', '/report.docx', 200, { ...held, timeout: 'Second-3600' }],
    ['UNLOCK', '/report.docx', 204, { 'lock-token': tokenOf(locked) }],
    ['PUT', '/~%24report.docx', 201, {}, 'mary'],
    ['DELETE', '/~%24report.docx', 204],
  )
  const told = await ask('PROPFIND', '/report.docx', { depth: 0 })
  expect(told.text).toMatch('00000020')
  expect((await ask('GET', '/report.docx')).text).toBe('second')
})

each('Finder: an empty file, its lock, a body of unknown length, and its shadow', async ({ ask, url }) => {
  const names = propfind('<d:getlastmodified/><d:getcontentlength/><d:creationdate/><d:resourcetype/>')
  await asks(
    ask,
    ['OPTIONS', '/', 200],
    ['PROPFIND', '/', 207, { depth: 0 }, names],
    ['PROPFIND', '/', 207, { depth: 0 }, propfind('<d:quota-available-bytes/><d:quota-used-bytes/>')],
    ['PROPFIND', '/', 207, { depth: 1 }, names],
    ['PROPFIND', '/._.', 404, { depth: 0 }, names],
    ['PROPFIND', '/photo.jpg', 404, { depth: 0 }, names],
    ['PUT', '/photo.jpg', 201, { 'content-length': 0 }],
  )
  const locked = await ask('LOCK', '/photo.jpg', { depth: 0, timeout: 'Second-600' }, lockInfo())
  const held = { if: `(${tokenOf(locked)})` }
  const body = Buffer.alloc(50_000, 'jpg')
  expect((await askChunked(url, '/photo.jpg', body, { ...held, 'x-expected-entity-length': '50000' })).status).toBe(204)
  await asks(
    ask,
    ['PROPFIND', '/photo.jpg', 207, { depth: 0 }, names],
    ['UNLOCK', '/photo.jpg', 204, { 'lock-token': tokenOf(locked) }],
    ['PUT', '/._photo.jpg', 201, {}, 'shadow'],
    ['DELETE', '/._photo.jpg', 204],
    ['MOVE', '/photo.jpg', 201, { destination: `${url}photo%202.jpg` }],
  )
  expect((await ask('GET', '/photo%202.jpg')).body.equals(body)).toBe(true)
})
