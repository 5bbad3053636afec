// The main job on real input: a folder goes to SMH, is copied and moved there, migrates to KooDrive and back, and is compared.
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { runDemo, type Source } from './demo/run'

const repository = resolve(__dirname, '..', '..')

/** Without a folder: the repository's own packages and docs, without what is installed or built. */
const sourcesOf = (folder: string | undefined): ReadonlyArray<Source> => {
  if (folder === undefined)
    return ['packages', 'docs'].map((name) => ({
      name,
      folder: join(repository, name),
      leaveOut: ['node_modules', 'dist', '.tsc'],
    }))
  const named = isAbsolute(folder) ? folder : resolve(process.env['INIT_CWD'] ?? process.cwd(), folder)
  return [{ name: 'folder', folder: named, leaveOut: [] }]
}

const main = async (): Promise<number> => {
  const [folder] = process.argv.slice(2)
  const sources = sourcesOf(folder)
  for (const source of sources)
    if (!existsSync(source.folder)) {
      console.error(`there is no folder ${source.folder}`)
      return 2
    }
  return runDemo(sources, (line) => {
    console.log(line)
  })
}

void main().then((code) => {
  process.exitCode = code
})
