// probe: finds out what the server of a WebDAV drive supports, as settings.
import { probeWebDav, WebDavSettings } from '@anydrive/webdav'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import type { Answer, Context } from '../context'
import { noConfiguration, settingsOf } from '../configuration'
import { exits, ofDrive, usage } from '../problem'

const probe = async ({ drives, io, out, signal }: Context, text: string): Promise<Answer> => {
  const name = text.replace(/:\/?$/, '')
  const opened = drives.open(name)
  if (E.isLeft(opened)) return opened
  const configuration = drives.configuration()
  if (E.isLeft(configuration)) return configuration
  if (configuration.right === undefined) return E.left(noConfiguration())
  const { file } = configuration.right
  const { vendor } = opened.right
  if (vendor !== 'webdav') return E.left(usage(`${name} is a drive of ${vendor}`, 'Only a WebDAV drive can be probed.'))
  const expanded = settingsOf(configuration.right, name, io.env)
  if (E.isLeft(expanded)) return expanded
  const decoded = WebDavSettings.decode(expanded.right)
  if (E.isLeft(decoded)) return E.left(usage(`${file}, drive ${name}: these are not the settings of a WebDAV drive`))
  const found = await probeWebDav(decoded.right, { signal })()
  if (E.isLeft(found)) return E.left(ofDrive(found.left))
  const { server } = found.right
  await out.document({ server })
  out.message(`Add this to the settings of ${name} in ${file}; the capabilities of the drive depend on it.`)
  return E.right(exits.done)
}

export const addProbe: Add = (program, run) => {
  program
    .command('probe')
    .argument('<drive>')
    .description('find out what the server of a WebDAV drive supports, in a directory that is created and removed')
    .action(run((context, [text = '']) => probe(context, text)))
}
