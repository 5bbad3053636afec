// completion: prints the script with which a shell completes this program's commands, options and choices.
import { Argument, type Command, type Option } from 'commander'
import * as E from 'fp-ts/Either'
import type { Add } from '../add'
import { exits } from '../problem'

const shells = ['bash', 'zsh', 'fish'] as const

/** `choices` are the values of its first argument, and of each option that has any. */
interface Completed {
  readonly name: string
  readonly about: string
  readonly options: ReadonlyArray<Option>
  readonly choices: ReadonlyArray<string>
}

const completed = (command: Command): Completed => ({
  name: command.name(),
  about: command.description(),
  options: [...command.createHelp().visibleOptions(command)],
  choices: command.registeredArguments[0]?.argChoices ?? [],
})

const flagsOf = ({ short, long }: Option): ReadonlyArray<string> => [short, long].filter((flag) => flag !== undefined)
const takesValue = ({ required, optional }: Option): boolean => required || optional
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
const wordsOf = (words: ReadonlyArray<string>): string => quoted(words.join(' '))

const bash = (top: Completed, commands: ReadonlyArray<Completed>): string => {
  const values = (of: Completed): ReadonlyArray<string> =>
    of.options.filter(takesValue).map((option) => {
      const found = option.argChoices === undefined ? '-f' : `-W ${wordsOf(option.argChoices)}`
      return `        ${flagsOf(option).join(' | ')}) COMPREPLY=( $(compgen ${found} -- "$current") ); return ;;`
    })
  const one = (of: Completed): string =>
    [
      `    ${of === top ? "''" : of.name})`,
      '      case "$previous" in',
      ...values(of),
      '      esac',
      `      options=${wordsOf(of.options.flatMap(flagsOf))}`,
      `      choices=${wordsOf(of === top ? commands.map(({ name }) => name) : of.choices)}`,
      '      ;;',
    ].join('\n')
  const valued = [...new Set([top, ...commands].flatMap(({ options }) => options.filter(takesValue).flatMap(flagsOf)))]
  return `# bash completion of anydrive; to use it: source <(anydrive completion bash)
_anydrive() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' options='' choices='' i
  for (( i = 1; i < COMP_CWORD; i++ )); do
    case "\${COMP_WORDS[i]}" in
      ${valued.join(' | ')}) (( i++ )) ;;
      -*) ;;
      *) command="\${COMP_WORDS[i]}"; break ;;
    esac
  done
  case "$command" in
${[top, ...commands].map(one).join('\n')}
  esac
  if [[ "$current" == -* ]]; then
    COMPREPLY=( $(compgen -W "$options" -- "$current") )
  elif [[ -n "$choices" ]]; then
    COMPREPLY=( $(compgen -W "$choices" -- "$current") )
  else
    COMPREPLY=( $(compgen -f -- "$current") )
  fi
}
complete -o filenames -o bashdefault -F _anydrive anydrive
`
}

/** Within the brackets of a specification of _arguments. */
const zshText = (text: string): string => text.replace(/[[\]\\:]/g, String.raw`\$&`)

const zsh = (top: Completed, commands: ReadonlyArray<Completed>): string => {
  const optionOf = (option: Option): ReadonlyArray<string> =>
    flagsOf(option).map((flag) => {
      const values = option.argChoices === undefined ? '_files' : `(${option.argChoices.join(' ')})`
      return quoted(`*${flag}[${zshText(option.description)}]${takesValue(option) ? `:value:${values}` : ''}`)
    })
  const argumentsOf = ({ options, choices }: Completed): string =>
    [
      '_arguments',
      ...options.flatMap(optionOf),
      ...(choices.length === 0 ? [quoted('*:place:_files')] : [quoted(`1:value:(${choices.join(' ')})`)]),
    ].join(' ')
  return `#compdef anydrive
# zsh completion of anydrive; to use it: anydrive completion zsh > a file _anydrive in a directory of $fpath
_anydrive() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${top.options.flatMap(optionOf).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(${commands.map(({ name, about }) => quoted(`${name}:${about}`)).join(' ')})
      _describe command commands ;;
    argument)
      case $line[1] in
${commands.map((command) => `        ${command.name}) ${argumentsOf(command)} ;;`).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _anydrive ]; then _anydrive "$@"; else compdef _anydrive anydrive; fi
`
}

const fish = (top: Completed, commands: ReadonlyArray<Completed>): string => {
  const lineOf = (condition: string, option: Option): string => {
    const { short, long, description, argChoices } = option
    const parts = [
      ...(short === undefined ? [] : [`-s ${short.slice(1)}`]),
      ...(long === undefined ? [] : [`-l ${long.slice(2)}`]),
      ...(takesValue(option) ? ['-r'] : []),
      ...(argChoices === undefined ? [] : [`-f -a ${wordsOf(argChoices)}`]),
    ]
    return `complete -c anydrive -n ${quoted(condition)} ${parts.join(' ')} -d ${quoted(description)}`
  }
  const seen = (name: string): string => `__fish_seen_subcommand_from ${name}`
  return [
    '# fish completion of anydrive; to use it: anydrive completion fish | source',
    ...top.options.map((option) => lineOf('__fish_use_subcommand', option)),
    ...commands.flatMap(({ name, about, options, choices }) => [
      `complete -c anydrive -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
      ...options.map((option) => lineOf(seen(name), option)),
      ...(choices.length === 0 ? [] : [`complete -c anydrive -n ${quoted(seen(name))} -f -a ${wordsOf(choices)}`]),
    ]),
    '',
  ].join('\n')
}

const scripts = { bash, zsh, fish }

export const addCompletion: Add = (program, run) => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'whose completion is printed').choices(shells))
    .description('print the script with which a shell completes commands, options and their values')
    .action(
      run(async ({ out }, [shell]) => {
        const script = shells.find((known) => known === shell) ?? 'bash'
        const commands = program.commands.map(completed)
        await out.line(scripts[script](completed(program), commands).trimEnd())
        return E.right(exits.done)
      }),
    )
}
