// The bodies of the RFCs' own examples and of servers that ran here, decoded; and bodies that no honest server sends.
import { path } from '@anydrive/core'
import { checksumsIn, childOf, segmentsIn, toEntry, versionOf } from '../src/translate'
import { bounds, MultistatusError, multistatusParser, responsesIn, responsesOf } from '../src/wire'

const only = (body: string) => {
  const [first] = responsesOf(body)
  if (first === undefined) throw new Error('no response')
  return first
}

describe('a multistatus', () => {
  test('of RFC 4918, 9.1.3: properties that were found, and some that were not', () => {
    const body = `<?xml version="1.0" encoding="utf-8" ?>
     <D:multistatus xmlns:D="DAV:">
       <D:response xmlns:R="http://ns.example.com/boxschema/">
         <D:href>http://www.example.com/file</D:href>
         <D:propstat>
           <D:prop>
             <R:bigbox>
               <R:BoxType>Box type A</R:BoxType>
             </R:bigbox>
             <R:author>
               <R:Name>J.J. Johnson</R:Name>
             </R:author>
           </D:prop>
           <D:status>HTTP/1.1 200 OK</D:status>
         </D:propstat>
         <D:propstat>
           <D:prop><R:DingALing/><R:Random/></D:prop>
           <D:status>HTTP/1.1 403 Forbidden</D:status>
           <D:responsedescription> The user does not have access to the
      DingALing property.
           </D:responsedescription>
         </D:propstat>
       </D:response>
       <D:responsedescription> There has been an access violation error.
       </D:responsedescription>
     </D:multistatus>`
    expect(responsesOf(body)).toEqual([{ hrefs: ['http://www.example.com/file'], properties: {}, refused: [403] }])
  })

  test('of RFC 4918, 9.1.5: a collection and a file, with all properties', () => {
    const body = `<?xml version="1.0" encoding="utf-8" ?>
     <D:multistatus xmlns:D="DAV:">
       <D:response>
         <D:href>/container/</D:href>
         <D:propstat>
           <D:prop xmlns:R="http://ns.example.com/boxschema/">
             <R:bigbox><R:BoxType>Box type A</R:BoxType></R:bigbox>
             <R:author><R:Name>Hadrian</R:Name></R:author>
             <D:creationdate>1997-12-01T17:42:21-08:00</D:creationdate>
             <D:displayname>Example collection</D:displayname>
             <D:resourcetype><D:collection/></D:resourcetype>
             <D:supportedlock>
               <D:lockentry>
                 <D:lockscope><D:exclusive/></D:lockscope>
                 <D:locktype><D:write/></D:locktype>
               </D:lockentry>
             </D:supportedlock>
           </D:prop>
           <D:status>HTTP/1.1 200 OK</D:status>
         </D:propstat>
       </D:response>
       <D:response>
         <D:href>/container/front.html</D:href>
         <D:propstat>
           <D:prop xmlns:R="http://ns.example.com/boxschema/">
             <R:bigbox><R:BoxType>Box type B</R:BoxType></R:bigbox>
             <D:creationdate>1997-12-01T18:27:21-08:00</D:creationdate>
             <D:displayname>Example HTML resource</D:displayname>
             <D:getcontentlength>4525</D:getcontentlength>
             <D:getcontenttype>text/html</D:getcontenttype>
             <D:getetag>"zzyzx"</D:getetag>
             <D:getlastmodified>Mon, 12 Jan 1998 09:25:56 GMT</D:getlastmodified>
             <D:resourcetype/>
           </D:prop>
           <D:status>HTTP/1.1 200 OK</D:status>
         </D:propstat>
       </D:response>
     </D:multistatus>`
    const [container, front] = responsesOf(body)
    if (container === undefined || front === undefined) throw new Error('two responses were expected')
    expect(toEntry(path('container'), container)).toEqual({
      kind: 'directory',
      path: 'container',
      name: 'container',
      createdAt: new Date('1997-12-02T01:42:21Z'),
    })
    expect(toEntry(path('container/front.html'), front)).toEqual({
      kind: 'file',
      path: 'container/front.html',
      name: 'front.html',
      createdAt: new Date('1997-12-02T02:27:21Z'),
      modifiedAt: new Date('1998-01-12T09:25:56Z'),
      size: 4525,
      contentType: 'text/html',
      checksums: {},
      version: '"zzyzx"',
    })
  })

  test('of RFC 4918, 9.6.2: a member that could not be deleted', () => {
    const body = `<?xml version="1.0" encoding="utf-8" ?>
     <d:multistatus xmlns:d="DAV:">
       <d:response>
         <d:href>http://www.example.com/container/resource3</d:href>
         <d:status>HTTP/1.1 423 Locked</d:status>
         <d:error><d:lock-token-submitted/></d:error>
       </d:response>
     </d:multistatus>`
    expect(only(body)).toEqual({
      hrefs: ['http://www.example.com/container/resource3'],
      status: 423,
      properties: {},
      refused: [],
    })
  })

  test('of RFC 4331, 3: the quota of a collection, without a prefix', () => {
    const body = `<?xml version="1.0" encoding="utf-8" ?>
      <multistatus xmlns="DAV:"><response><href>/~milele/public/</href><propstat><prop>
      <quota-available-bytes>596650</quota-available-bytes><quota-used-bytes>403350</quota-used-bytes>
      </prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`
    expect(only(body).properties).toEqual({ 'quota-available-bytes': '596650', 'quota-used-bytes': '403350' })
  })

  test('as ownCloud and Nextcloud document it: checksums and ids', () => {
    const body = `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns">
      <d:response><d:href>/remote.php/dav/files/mary/a%20b.txt</d:href><d:propstat><d:prop><d:resourcetype/>
      <d:getcontentlength>5</d:getcontentlength><d:getetag>&quot;6436d084d4805&quot;</d:getetag><oc:fileid>42</oc:fileid>
      <oc:checksums><oc:checksum>SHA1:AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D MD5:5d41402abc4b2a76b9719d911017c592 ADLER32:062c0215</oc:checksum></oc:checksums>
      </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`
    expect(toEntry(path('a b.txt'), only(body))).toMatchObject({
      id: '42',
      version: '"6436d084d4805"',
      checksums: { sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d', md5: '5d41402abc4b2a76b9719d911017c592' },
    })
  })

  test('of Apache 2.4.71: three prefixes of one namespace, and properties that it does not know', () => {
    const body = `<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:" xmlns:ns0="DAV:">
<D:response xmlns:lp1="DAV:" xmlns:lp2="http://apache.org/dav/props/" xmlns:g0="DAV:">
<D:href>/d/a%20%25%23%3f%5c%0a%3cb&amp;%fc</D:href>
<D:propstat><D:prop>
<lp1:resourcetype/>
<lp1:getcontentlength>3</lp1:getcontentlength>
<lp1:getetag>W/"3-660c423dcc52d"</lp1:getetag>
<lp2:executable>F</lp2:executable>
</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>
<D:propstat><D:prop><g0:quota-used-bytes/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>
</D:response>
</D:multistatus>`
    const response = only(body)
    expect(response.properties).toEqual({
      collection: false,
      getcontentlength: '3',
      getetag: 'W/"3-660c423dcc52d"',
    })
    expect(response.refused).toEqual([404])
    expect(segmentsIn(response.hrefs[0] ?? '')).toBeUndefined()
  })

  test('that comes byte by byte is read as it comes', async () => {
    const body = Buffer.from(
      `<multistatus xmlns="DAV:">${['a', '文', '😀'].map((name) => `<response><href>/${name}</href><status>HTTP/1.1 404 Gone</status></response>`).join('')}</multistatus>`,
    )
    const bytes = async function* () {
      for (const byte of body) yield await Promise.resolve(Uint8Array.of(byte))
    }
    const found: Array<string> = []
    for await (const { hrefs } of responsesIn(bytes())) found.push(...hrefs)
    expect(found).toEqual(['/a', '/文', '/😀'])
  })

  const start = '<multistatus xmlns="DAV:">'
  test.each([
    ['a document type', `<!DOCTYPE multistatus>${start}</multistatus>`, 'no document type'],
    [
      'entities that grow',
      `<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${start}&b;</multistatus>`,
      'no document type',
    ],
    ['an entity that nobody declared', `${start}&b;</multistatus>`, 'well-formed XML'],
    ['a page', '<html><body>hello</body></html>', 'a multistatus'],
    ['text', 'hello', 'well-formed XML'],
    ['a multistatus of another namespace', '<multistatus/>', 'a multistatus'],
    ['tags that do not match', `${start}<response></href></multistatus>`, 'well-formed XML'],
    ['half a multistatus', `${start}<response><href>/a</href>`, 'well-formed XML'],
    ['another encoding', `<?xml version="1.0" encoding="utf-16"?>${start}</multistatus>`, 'UTF-8'],
    ['elements without end', `${start}${'<x>'.repeat(bounds.depth + 1)}`, 'nested elements'],
    [
      'a text without end',
      `${start}<response><href>${'a'.repeat(bounds.text + 1)}</href></response></multistatus>`,
      'characters in a property',
    ],
  ])('that is %s is refused', (_, body, expected) => {
    let error: unknown
    try {
      responsesOf(body)
    } catch (u) {
      error = u
    }
    expect(error).toBeInstanceOf(MultistatusError)
    expect(error instanceof MultistatusError && error.fault.issues[0]?.expected).toContain(expected)
  })

  test('whose text never ends holds no more than its bound', () => {
    const parser = multistatusParser()
    parser.push(start)
    const chunk = 'a'.repeat(64 * 1024)
    expect(() => {
      for (let i = 0; i < 1000; i++) parser.push(chunk)
    }).toThrow('an element every')
  })
})

describe('an address', () => {
  test.each([
    ['http://host:80/a/b', ['a', 'b']],
    ['//host/a/', ['a']],
    ['/a%2fb/%E6%96%87/', ['a/b', '文']],
    ['/a%20b', ['a b']],
    ['/a?b', undefined],
    ['/a#b.txt', undefined],
    ['http://host/a/b#', undefined],
    ['http://host', []],
    ['', undefined],
    ['/', []],
    ['a/b', undefined],
    ['/%ff', undefined],
    ['/%', undefined],
  ])('%s', (href, segments) => {
    expect(segmentsIn(href)).toEqual(segments)
  })

  test.each(['..', '.', 'a/b', '', 'a\0b'])('names no entry with %j', (name) => {
    expect(childOf(path('dir'), name)).toBeUndefined()
  })
})

test.each([
  ['"abc"', '"abc"'],
  ['W/"abc"', '"abc"'],
  ['abc', 'abc'],
  ['""', undefined],
  ['', undefined],
  [undefined, undefined],
])('the version in %j is %j', (etag, version) => {
  expect(versionOf(etag)).toBe(version)
})

test('checksums of other lengths or names are left out', () => {
  expect(checksumsIn('SHA1:abc MD5:zz CRC32:00000000')).toEqual({})
})
