// init: adds a drive to the configuration file, after it has answered a request that changes nothing.
import { root } from '@anydrive/core'
import { decodeSettings } from '@anydrive/core/adapter'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { repeatable, type Add } from '../add'
import type { Answer, Context } from '../context'
import { findConfiguration, readFile, userFile } from '../configuration'
import { codeOf, codeText } from '../error-code'
import { parseJson } from '../json-text'
import { completedSettings, givenSettings, type Given } from '../new-drive'
import { withLock, writePrivately } from '../private-file'
import { exits, interrupted, ofConfiguration, ofDrive, usage, type Problem } from '../problem'
import { openQuestions, type Questions } from '../questions'
import { registry } from '../registry'
import { resolveValues, withAbsolutePaths, withoutSources } from '../setting-values'
import { shapeOf } from '../settings-shape'

interface Options extends Given {
  readonly type?: string
  readonly test: boolean
}
type Settings = Readonly<Record<string, unknown>>

const validName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/

/** The file that a command would read; else `$ANYDRIVE_CONFIG` or the file of the user. */
const targetFile = ({ io, options }: Context): E.Either<Problem, string> => {
  const file = findConfiguration(options.config, io) ?? userFile(io)
  return file === undefined
    ? E.left(usage('the configuration directory of the user is not known', 'Name the file with --config FILE.'))
    : E.right(file)
}

const checkName = (name: string, file: string): E.Either<Problem, void> => {
  if (!validName.test(name))
    return E.left(
      usage(
        `${JSON.stringify(name)} cannot be the name of a drive`,
        'A name consists of letters, digits, "_", "-" and ".", and begins with a letter, a digit or "_".',
      ),
    )
  if (!existsSync(file)) return E.right(undefined)
  const configuration = readFile(file)
  if (E.isLeft(configuration)) return configuration
  return Object.hasOwn(configuration.right.drives, name)
    ? E.left(usage(`${file} already has a drive ${name}`, 'Choose another name, or edit the file.'))
    : E.right(undefined)
}

const empty = '{\n  "drives": {}\n}\n'

/** Everything else in the file stays as it is written. */
const addToFile = (file: string, name: string, settings: Settings): E.Either<Problem, void> => {
  const unique = checkName(name, file)
  if (E.isLeft(unique)) return unique
  const before = existsSync(file) ? readFile(file) : E.right(undefined)
  if (E.isLeft(before)) return before
  const text = before.right?.text ?? E.getOrElseW(() => undefined)(parseJson(empty))
  const after = text?.withMember('drives', name, settings)
  if (after === undefined) return E.left(usage(`${file} has no object "drives"`))
  try {
    writePrivately(file, after)
    return E.right(undefined)
  } catch (u) {
    return E.left(
      usage(`${file} cannot be written${codeText(u)}`, 'Check the permissions, or name another file with --config.'),
    )
  }
}

/** A left: the settings do not decode, or the drive does not list its root directory. */
const tested = async (
  { io, signal }: Context,
  file: string,
  settings: Settings,
  isRequested: boolean,
): Promise<E.Either<Problem, void>> => {
  const resolved = isRequested
    ? resolveValues(settings, { env: io.env, directory: dirname(file) })
    : E.right(withoutSources(settings))
  if (E.isLeft(resolved)) return E.left(usage(`${resolved.left.at}: ${resolved.left.message}`, resolved.left.remedy))
  const opened = registry.openUnknown(resolved.right)
  if (E.isLeft(opened)) {
    const problem = ofConfiguration(opened.left, 'init')
    return E.left({
      ...problem,
      remedy:
        'Give settings with --set KEY=VALUE and secrets with --secret-env KEY=VARIABLE, --secret-file or --secret-command.',
    })
  }
  if (!isRequested) return E.right(undefined)
  const listed = await opened.right.list(root, { limit: 1, signal })()
  if (E.isRight(listed)) return E.right(undefined)
  const problem = ofDrive(listed.left)
  return E.left({
    ...problem,
    message: `nothing was written, because the drive did not answer: ${problem.message}`,
    remedy: 'Correct the settings or the secret and run it again, or add the drive without a request with --no-test.',
  })
}

const missing = (what: string, flag: string): E.Either<Problem, never> =>
  E.left(usage(`${what} is missing`, `Give it with ${flag}, or run anydrive init on a terminal.`))

const init = async (
  context: Context,
  named: string | undefined,
  options: Options,
  questions: Questions | undefined,
) => {
  const { out, signal } = context
  const file = targetFile(context)
  if (E.isLeft(file)) return file
  const name = named ?? (await questions?.ask('Name of the drive:'))
  if (name === undefined) return missing('the name of the drive', 'anydrive init NAME')
  const free = checkName(name, file.right)
  if (E.isLeft(free)) return free
  const type = options.type ?? (await questions?.choose('Type of the drive?', registry.types))
  if (type === undefined) return missing('the type of the drive', `--type (${registry.types.join(', ')})`)
  const adapter = registry.adapters.find((one) => one.type === type)
  if (adapter === undefined)
    return E.left(usage(`no drive type ${JSON.stringify(type)}`, `The types are ${registry.types.join(', ')}.`))
  const shape = shapeOf(adapter.settings)
  const given = givenSettings(options, shape)
  if (E.isLeft(given)) return given
  const isComplete = E.isRight(decodeSettings(adapter.settings, withoutSources({ type, ...given.right })))
  const completed =
    questions === undefined || isComplete ? given.right : await completedSettings(shape, given.right, '', questions)
  const chosen = { type, ...completed }
  // Paths on the command line are relative to the working directory, and those in the file to the directory of the file.
  const isHere = dirname(file.right) === context.io.cwd
  const settings = isHere ? chosen : (withAbsolutePaths(chosen, context.io.cwd) as Settings)
  const works = await tested(context, file.right, settings, options.test)
  if (E.isLeft(works)) return works
  const written = await withLock(file.right, signal, () => Promise.resolve(addToFile(file.right, name, settings)))
  if (E.isLeft(written)) return written
  if (out.json) await out.document({ file: file.right, name })
  else out.message(`added ${name} to ${file.right}; try anydrive ls ${name}:`)
  return E.right(exits.done)
}

const asked = async (context: Context, name: string | undefined, options: Options): Promise<Answer> => {
  const questions = openQuestions(context.io, context.signal)
  try {
    return await init(context, name, options, questions)
  } catch (u) {
    if (codeOf(u) === 'ABORT_ERR') return E.left(interrupted)
    throw u
  } finally {
    questions?.close()
  }
}

const keyed = (flag: string, about: string): Option =>
  new Option(flag, `${about}; may be repeated (default: none)`).argParser(repeatable)

export const addInit: Add = (program, run) => {
  program
    .command('init')
    .argument('[name]', 'of the drive')
    .description('add a drive to the configuration file; asks on a terminal unless the options give all that is needed')
    .addOption(new Option('--type <type>', 'of the drive (default: asked)').choices([...registry.types]))
    .addOption(keyed('--set <key=value>', 'a setting, such as baseUrl=https://… or auth.kind=token; never a secret'))
    .addOption(
      keyed('--secret-env <key=variable>', 'a secret from an environment variable, such as auth.accessToken=TOKEN'),
    )
    .addOption(keyed('--secret-file <key=file>', 'a secret from a file'))
    .addOption(
      keyed('--secret-command <key=command>', 'a secret from the output of a command, as a JSON array of words'),
    )
    .option('--no-test', 'write the settings without a request to the drive (default: the root directory is listed)')
    .action(run((context, [name], options: Options) => asked(context, name, options)))
}
