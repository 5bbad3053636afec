// What the page carries along: its style and its script, each with the hash by which the page allows it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = join(__dirname, '..')

type Modules = ReadonlyArray<readonly [name: string, file: string]>

/** Of each page, by the name under which another asks for it, the first one last; what runs in both worlds is taken from the package itself. */
const modulesOf = {
  report: [
    ['../src/format', 'dist/format.js'],
    ['../src/words', 'dist/words.js'],
    ['./entries', 'dist/page/entries.js'],
    ['./choice', 'dist/page/choice.js'],
    ['./details', 'dist/page/details.js'],
    ['./grid', 'dist/page/grid.js'],
    ['./main', 'dist/page/main.js'],
  ],
  live: [
    ['./morph', 'dist/page/morph.js'],
    ['./live', 'dist/page/live.js'],
  ],
} as const satisfies Readonly<Record<string, Modules>>

const textOf = (file: string): string => readFileSync(join(here, file), 'utf8')

/** The modules as one script; nothing of theirs becomes global. */
const scriptText = (modules: Modules): string => {
  const sources = modules.map(([name, file]) => {
    const text = textOf(file).replace(/^\/\/# sourceMappingURL=.*$/m, '')
    return `${JSON.stringify(name)}(exports, require) {\n${text}}`
  })
  const script = `{const modules = {${sources.join(',\n')}}, loaded = {}
const require = (name) => { if (!loaded[name]) modules[name]((loaded[name] = {}), require); return loaded[name] }
require(${JSON.stringify(modules.at(-1)?.[0])})}`
  return script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
}

export interface Asset {
  readonly text: string
  /** As a source of a content security policy. */
  readonly hash: string
}

const assetOf = (text: string): Asset => ({
  text,
  hash: `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
})

export const readAssets = (page: keyof typeof modulesOf): { readonly style: Asset; readonly script: Asset } => ({
  style: assetOf(textOf('page/page.css')),
  script: assetOf(scriptText(modulesOf[page])),
})
