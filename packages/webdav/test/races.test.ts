// Many want one name at the same time: one gets it, and keeps it.
import { fromBytes, path, toPromises } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { openWebDav, type ServerTraits } from '../src'
import { apache, hasApache, hasRclone, rclone, withProgram, type Served } from './servers'
import { apacheTraits, rcloneTraits } from './traits'

const rounds = 15
const writers = 6

const oneWins = ({ running }: Served, server: ServerTraits): void => {
  const drives = () => Array.from({ length: writers }, () => openWebDav({ url: running().url, server }))

  test('of many writers under ask one wins, and what it wrote stands', async () => {
    const all = drives()
    const it = toPromises(openWebDav({ url: running().url, server }))
    for (let round = 0; round < rounds; round++) {
      const at = path('f')
      const answers = await Promise.all(all.map((drive, i) => drive.writeFile(at, fromBytes(`writer ${i}`))()))
      const won = answers.flatMap((answer, i) => (E.isRight(answer) ? [i] : []))
      expect(answers.filter((answer) => E.isLeft(answer) && answer.left._tag === 'NameConflict')).toHaveLength(5)
      expect(await it.readText('f')).toBe(`writer ${won.join()}`)
      await it.remove('f')
    }
  }, 600_000)

  test('of many that make a directory under ask one wins', async () => {
    const all = drives()
    const it = toPromises(openWebDav({ url: running().url, server }))
    for (let round = 0; round < rounds; round++) {
      const answers = await Promise.all(all.map((drive) => drive.createDir(path('d'))()))
      expect(answers.filter(E.isRight)).toHaveLength(1)
      await it.remove('d')
    }
  }, 600_000)

  test('of many that overwrite each one is done, and one of them stands whole', async () => {
    const all = drives()
    const it = toPromises(openWebDav({ url: running().url, server }))
    const contents = all.map((_, i) => `writer ${i} `.repeat(2000))
    await it.writeFile('g', 'old')
    const answers = await Promise.all(
      all.map((drive, i) => drive.writeFile(path('g'), fromBytes(contents[i] ?? ''), { conflict: 'overwrite' })()),
    )
    expect(answers.flatMap((answer) => (E.isLeft(answer) ? [answer.left.message] : []))).toEqual([])
    expect(contents).toContain(await it.readText('g'))
    expect((await it.list('', { temporaries: 'show' })).items.map(({ name }) => name)).toEqual(['g'])
  }, 600_000)
}

withProgram(hasApache, 'Apache httpd, probed', () => oneWins(apache(), apacheTraits))
withProgram(hasRclone, 'rclone serve webdav', () => oneWins(rclone(), rcloneTraits))
