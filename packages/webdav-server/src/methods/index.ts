// The methods, by their names.
import type { Handler } from '../gateway'
import { copyOrMove } from './copy-move'
import { deleteEntry } from './delete'
import { get } from './get'
import { lock, unlock } from './lock'
import { mkcol } from './mkcol'
import { options } from './options'
import { propfind } from './propfind'
import { proppatch } from './proppatch'
import { put } from './put'

export const methods: ReadonlyMap<string, Handler> = new Map([
  ['OPTIONS', options],
  ['GET', get],
  ['HEAD', get],
  ['PUT', put],
  ['MKCOL', mkcol],
  ['DELETE', deleteEntry],
  ['COPY', copyOrMove],
  ['MOVE', copyOrMove],
  ['PROPFIND', propfind],
  ['PROPPATCH', proppatch],
  ['LOCK', lock],
  ['UNLOCK', unlock],
])
