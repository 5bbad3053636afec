// config: shows where the configuration is, checks it, and prints its schema.
import * as E from 'fp-ts/Either'
import { Argument } from 'commander'
import { statSync } from 'node:fs'
import type { Add } from '../add'
import type { Answer, Context } from '../context'
import { noConfiguration, openConfigured, type Configuration } from '../configuration'
import { exits } from '../problem'
import { fileSchema } from '../schema'
import { nameText, tableText } from '../text'

const check = async ({ io, out }: Context, configuration: Configuration): Promise<Answer> => {
  const rows = Object.keys(configuration.drives).map((name) => {
    const opened = openConfigured(configuration, name, { env: io.env, environment: {} })
    return { name, state: E.isLeft(opened) ? opened.left.message : 'ok' }
  })
  if (out.json) await out.document(rows)
  else
    for (const line of tableText(rows.map(({ name, state }) => [nameText(name), nameText(state)]))) await out.line(line)
  const isOpen = process.platform !== 'win32' && (statSync(configuration.file).mode & 0o077) !== 0
  if (isOpen) out.message(`warning: other users may read ${configuration.file}; chmod 600 prevents that`)
  return E.right(rows.every(({ state }) => state === 'ok') ? exits.done : exits.usage)
}

export const addConfig: Add = (program, run) => {
  program
    .command('config')
    .addArgument(
      new Argument(
        '<what>',
        'path: print which file is used; check: check the settings of every drive, without a request; schema: print the JSON Schema of the file, for editors',
      ).choices(['path', 'check', 'schema']),
    )
    .description('show which configuration file is used, check it, or print its JSON Schema')
    .action(
      run(async (context, [what]) => {
        const { drives, out } = context
        if (what === 'schema') {
          await out.document(fileSchema())
          return E.right(exits.done)
        }
        const configuration = drives.configuration()
        if (E.isLeft(configuration)) return configuration
        if (configuration.right === undefined) return E.left(noConfiguration())
        if (what === 'check') return check(context, configuration.right)
        const { file } = configuration.right
        if (out.json) await out.document({ file })
        else await out.line(file)
        return E.right(exits.done)
      }),
    )
}
