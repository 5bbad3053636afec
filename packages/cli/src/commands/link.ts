// link: prints a URL from which a browser loads a file. No other command prints one.
import { requires, reveal } from '@anydrive/core'
import { visible } from '@anydrive/core/adapter'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { locate } from '../context'
import { exits, ofDrive } from '../problem'
import { durationOf } from '../units'

interface Options {
  /** Milliseconds. */
  readonly expiresIn?: number
}

export const addLink: Add = (program, run) => {
  program
    .command('link')
    .argument('<place>')
    .description('print a URL from which a browser loads a file')
    .option(
      '--expires-in <time>',
      'how long it should be valid, such as 1h, where the service offers a choice; the service’s own period unless given',
      durationOf,
    )
    .addHelpText('after', '\nWhoever has the URL can read the file until it expires: treat it like a password.')
    .action(
      run(async ({ out, signal, ...context }, [text], { expiresIn }: Options) => {
        const place = locate({ out, signal, ...context }, text)
        if (E.isLeft(place)) return place
        const able = requires('operations.downloadUrl')(place.right.drive)
        if (E.isLeft(able)) return E.left(ofDrive(able.left))
        const link = await able.right.downloadUrl(place.right.path, { expiresIn, signal })()
        if (E.isLeft(link)) return E.left(ofDrive(link.left))
        const { expiresAt } = link.right
        const url = visible(reveal(link.right.url))
        // As bytes, because every other output is rid of the signatures of URLs.
        await out.bytes(Buffer.from(out.json ? `${JSON.stringify({ url, expiresAt }, null, 2)}\n` : `${url}\n`))
        if (!out.json && expiresAt !== undefined) out.message(`valid until ${expiresAt.toISOString()}`)
        return E.right(exits.done)
      }),
    )
}
