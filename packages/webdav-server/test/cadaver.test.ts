// cadaver, an interactive client that knows locks and properties.
import { path } from '@anydrive/core'
import { openMemory } from '@anydrive/memory'
import * as E from 'fp-ts/Either'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drives } from './drives'
import { room, runProgram, withProgram } from './running'
import { serve } from './serving'

const session = `
mkcol docs
put letter.txt docs/letter.txt
ls docs
copy docs copied
lock copied/letter.txt
put letter.txt copied/letter.txt
unlock copied/letter.txt
propset copied/letter.txt colour blue
move copied/letter.txt copied/moved.txt
propget copied/moved.txt colour
get copied/moved.txt got.txt
delete copied/moved.txt
rmcol docs
quit
`

withProgram('cadaver', () => {
  test.each(Object.keys(drives))('carries out a session of every command over %s', async (name) => {
    const { url, drive } = await serve({ drive: (await drives[name]?.()) ?? openMemory() })
    const cwd = room()
    writeFileSync(join(cwd, 'letter.txt'), 'dear all')
    const { out } = await runProgram('cadaver', [url], { cwd, input: session })
    expect(out).not.toMatch(/failed/)
    expect(out.match(/succeeded/g)?.length).toBeGreaterThanOrEqual(12)
    expect(out).toMatch(/Value of colour is: blue/)
    expect(readFileSync(join(cwd, 'got.txt'), 'utf8')).toBe('dear all')
    const left = await drive.list(path(''))()
    expect(E.isRight(left) && left.right.items.map(({ name }) => name)).toEqual(['copied'])
  })
})
