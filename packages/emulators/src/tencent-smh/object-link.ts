// Signed links to objects: who may read which bytes until when (docs/wire/tencent-smh.md, the COS side).
import { createHmac } from 'node:crypto'
import { type Content } from './nodes'
import { bucket } from './upload-store'
import { type Library, type World } from './world'

const signature = (library: Library, id: string, expires: string): string =>
  createHmac('sha1', library.secret).update(`${id} ${expires}`).digest('hex')

export interface LinkOptions {
  readonly name: string
  readonly seconds?: number | undefined
  readonly disposition?: string | undefined
}

export const linkTo = (world: World, library: Library, content: Content, options: LinkOptions): string => {
  const { name, seconds = world.behaviour.downloadSeconds, disposition } = options
  const expires = String(Math.floor(world.now() / 1000) + seconds)
  const extension = /\.[A-Za-z0-9]+$/.exec(name)?.[0] ?? ''
  const shown =
    disposition === undefined
      ? ''
      : `&response-content-disposition=${encodeURIComponent(`${disposition}; filename*=UTF-8''${encodeURIComponent(name)}`)}`
  const sign = `q-sign-algorithm=sha1&q-ak=AKIDemulator&q-key-time=${expires}&q-signature=${signature(library, content.id, expires)}`
  return `${world.scheme}://${world.host()}/cos/${bucket}/${library.id}/${content.id}${extension}?${sign}${shown}`
}

export type LinkState = 'good' | 'expired' | 'bad'

export const linkState = (
  world: World,
  library: Library | undefined,
  id: string,
  query: ReadonlyMap<string, string>,
): LinkState => {
  const expires = query.get('q-key-time') ?? ''
  if (library === undefined || query.get('q-signature') !== signature(library, id, expires)) return 'bad'
  return Number(expires) * 1000 <= world.now() ? 'expired' : 'good'
}
