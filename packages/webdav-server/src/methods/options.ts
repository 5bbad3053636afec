// OPTIONS: which class of WebDAV this is, and what can be done.
import * as E from 'fp-ts/Either'
import type { Answer, Exchange } from '../gateway'
import { empty, type Reply } from '../reply'

const reading = ['OPTIONS', 'GET', 'HEAD', 'PROPFIND']
const writing = ['PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'PROPPATCH', 'LOCK', 'UNLOCK']

export const allow = (readOnly: boolean): string => (readOnly ? reading : [...reading, ...writing]).join(', ')
export const changing: ReadonlySet<string> = new Set(writing)

/** Windows asks for `MS-Author-Via` before it mounts. */
export const options = ({ gateway }: Exchange): Answer<Reply> =>
  Promise.resolve(
    E.right(
      empty(200, {
        Allow: allow(gateway.readOnly),
        DAV: gateway.readOnly ? '1, 3' : '1, 2, 3',
        'MS-Author-Via': 'DAV',
        'Accept-Ranges': 'bytes',
      }),
    ),
  )
