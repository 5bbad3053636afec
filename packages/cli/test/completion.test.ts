// completion: each shell completes what the program itself declares.
import { spawnSync } from 'node:child_process'
import { run } from './command'

const script = async (shell: string): Promise<string> => {
  const { code, out, err } = await run(['completion', shell])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

/** What bash offers for the last of these words. */
const offered = async (...words: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const line = words.map((word) => `'${word}'`).join(' ')
  const program = `${await script('bash')}
COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _anydrive; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], { encoding: 'utf8', cwd: __dirname })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\n').filter((word) => word !== '')
}

/** The commands and the options that help lists. */
const helped = async (...command: ReadonlyArray<string>) => {
  const { out } = await run([...command, '--help'])
  return {
    commands: [...out.matchAll(/^ {2}([a-z]+) [\S ]/gm)].map(([, name = '']) => name).filter((name) => name !== 'help'),
    options: [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z0-9-]+)/gm)].map(([, flag = '']) => flag),
  }
}

describe('bash', () => {
  test('completes commands and global options', async () => {
    const { commands, options } = await helped()
    expect(commands).toEqual(expect.arrayContaining(['ls', 'migrate', 'init', 'completion']))
    expect((await offered('anydrive', '')).filter((word) => word !== 'help').sort()).toEqual([...commands].sort())
    expect(await offered('anydrive', '--')).toEqual(expect.arrayContaining(options))
    expect(await offered('anydrive', 'mi')).toEqual(['migrate'])
    expect(await offered('anydrive', '--config', 'x', 'comple')).toEqual(['completion'])
  })

  test.each(['migrate', 'check', 'ls', 'init', 'size', 'emulate'])('completes the options of %p', async (command) => {
    const { options } = await helped(command)
    expect(options.length).toBeGreaterThan(5)
    const found = (await offered('anydrive', command, 'x:', '--')).filter((word) => word.startsWith('--'))
    expect([...found].sort()).toEqual([...options].sort())
  })

  test.each([
    [
      ['migrate', 'a:', 'b:', '--conflict', ''],
      ['ask', 'rename', 'overwrite', 'skip', 'different', 'newer'],
    ],
    [['cp', '--conflict', 'o'], ['overwrite']],
    [
      ['--log-format', ''],
      ['json', 'text'],
    ],
    [
      ['config', ''],
      ['path', 'check', 'schema'],
    ],
    [['completion', 'f'], ['fish']],
    [['ls', '--config', 'completion.t'], ['completion.test.ts']],
    [['put', 'completion.t'], ['completion.test.ts']],
  ])('completes %p', async (words, expected) => {
    expect(await offered('anydrive', ...words)).toEqual(expected)
  })
})

const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

test.each(['zsh', 'fish'])('%s gets every command, and options with their descriptions', async (shell) => {
  const text = await script(shell)
  const { commands } = await helped()
  for (const command of commands) expect(text).toMatch(new RegExp(`(^|[ '])${command}\\b`, 'm'))
  expect(text).toContain('keep what exists')
  if (!isInstalled(shell)) return
  expect(spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
})

test('another shell is refused', async () => {
  expect(await run(['completion', 'tcsh'])).toMatchObject({ code: 2, out: '' })
})
