// conformance: checks the laws of the contract on a real drive, in a temporary directory and with a limit of requests.
import type * as Conformance from '@anydrive/conformance'
import type { Law, LawResult, Subject } from '@anydrive/conformance'
import { remove, withSignal } from '@anydrive/core'
import { Option } from 'commander'
import * as E from 'fp-ts/Either'
import { setMaxListeners } from 'node:events'
import { count, whole, type Add } from '../add'
import { locate, type Context } from '../context'
import { optionalPackage } from '../optional'
import { locationText } from '../location'
import { exits, interrupted, usage, type Problem } from '../problem'
import { createTemporaryDir, opener } from '../scratch'
import { countText, nameText } from '../text'

type Kit = typeof Conformance

interface Options {
  readonly only?: string
  readonly maxRequests: number
  readonly format: 'text' | 'json' | 'markdown'
  readonly runs?: number
  readonly seed?: number
}

/** About twice the requests of all laws on the drives of this repository. */
const defaultRequests = 20_000

interface Budget {
  readonly sent: () => number
  readonly count: () => void
  /** Aborts on an interrupt, and at the limit. */
  readonly signal: AbortSignal
  readonly ended: () => string | undefined
}

const budgetOf = (interrupt: AbortSignal, max: number): Budget => {
  let sent = 0
  const stop = new AbortController()
  // As many calls at a time as the laws have.
  setMaxListeners(0, stop.signal)
  const abort = (): void => {
    stop.abort()
  }
  if (interrupt.aborted) abort()
  interrupt.addEventListener('abort', abort, { once: true })
  return {
    sent: () => sent,
    count: () => {
      sent++
      if (sent >= max) abort()
    },
    signal: stop.signal,
    ended: () => {
      if (interrupt.aborted) return 'interrupted'
      return sent >= max ? `the limit of ${max} requests was reached` : undefined
    },
  }
}

const selected = (laws: ReadonlyArray<Law>, only: string | undefined): E.Either<Problem, ReadonlyArray<Law>> => {
  if (only === undefined) return E.right(laws)
  const operations = new Set<string>(laws.map(({ operation }) => operation))
  const found = laws.filter(({ operation, name }) => (operations.has(only) ? operation === only : name.includes(only)))
  return found.length > 0
    ? E.right(found)
    : E.left(
        usage(
          `no law is about ${JSON.stringify(only)}`,
          `Name an operation (${[...operations].join(', ')}), or a part of the name of a law.`,
        ),
      )
}

/** Shows the progress on a terminal. */
const showing = ({ out }: Context) => {
  const write = (text: string): void => {
    out.screen?.write(`\r\u001b[K${text}`)
  }
  return { now: write, clear: () => write('') }
}

const check = async (
  { runLaws }: Kit,
  context: Context,
  subject: Subject,
  those: ReadonlyArray<Law>,
  { ended, sent }: Budget,
): Promise<ReadonlyArray<LawResult>> => {
  const results: Array<LawResult> = []
  const show = showing(context)
  for await (const result of runLaws(subject, those, { ended })) {
    results.push(result)
    show.clear()
    if (result.status === 'broken')
      context.out.message(`broken: ${result.law.operation}: ${result.law.name} (${result.law.promise})`)
    show.now(`${results.length} of ${countText(those.length, 'law')}, ${countText(sent(), 'request')}`)
  }
  show.clear()
  return results
}

/** Where the facts about a vendor are recorded, each with its source. */
const documents: Readonly<Record<string, ReadonlyArray<string>>> = {
  'tencent-smh': ['docs/wire/tencent-smh.md', 'docs/coverage.md'],
  koodrive: ['docs/wire/koodrive.md', 'docs/coverage.md'],
  webdav: ['RFC 4918'],
}

const print = async (
  { matrixMarkdown, matrixOf, matrixText }: Kit,
  { out }: Context,
  format: Options['format'],
  results: ReadonlyArray<LawResult>,
  more: object,
): Promise<void> => {
  const matrix = matrixOf(results)
  if (out.json || format === 'json') await out.document({ ...more, ...matrix })
  else for (const line of (format === 'markdown' ? matrixMarkdown : matrixText)(matrix)) await out.line(nameText(line))
}

export const addConformance: Add = (program, run) => {
  program
    .command('conformance')
    .argument('<directory>')
    .description('check that a real drive keeps the contract, in a temporary directory that is removed afterwards')
    .option('--only <what>', 'only the laws of one operation, or those whose name contains this')
    .addOption(
      new Option('--max-requests <n>', 'stop after this many requests; the remaining laws are listed as not run')
        .argParser(count)
        .default(defaultRequests),
    )
    .addOption(
      new Option('--format <format>', 'the format of the result').choices(['text', 'json', 'markdown']).default('text'),
    )
    .addOption(
      new Option('--runs <n>', 'also run this many random steps, and compare them with the reference drive').argParser(
        count,
      ),
    )
    .addOption(new Option('--seed <n>', 'the seed of the random steps').argParser(whole))
    .action(
      run(async (context, [text], options: Options) => {
        const { out, signal } = context
        const place = locate(context, text)
        if (E.isLeft(place)) return place
        const loaded = optionalPackage('@anydrive/conformance')
        if (E.isLeft(loaded)) return loaded
        const kit = loaded.right
        const { laws, programLaw } = kit
        const those = selected(laws, options.only)
        if (E.isLeft(those)) return those
        const { name, path } = place.right
        const budget = budgetOf(signal, options.maxRequests)
        const open = opener(context, place.right, (event) => {
          if (event.name === 'request') budget.count()
        })
        const own = open()
        const temporary = await createTemporaryDir(own, { below: path, what: 'conformance', signal })
        if (E.isLeft(temporary)) return temporary

        const subject: Subject = {
          capabilities: own.capabilities,
          root: temporary.right.path,
          open: () => withSignal(budget.signal)(open()),
        }
        const { runs, seed } = options
        const programs = runs === undefined ? [] : [programLaw(subject, { steps: runs, seed })]
        const results = await check(kit, context, subject, [...those.right, ...programs], budget)

        const removed = await remove(own, temporary.right.created, { permanent: true })()
        if (E.isLeft(removed))
          out.message(
            `${locationText({ name }, temporary.right.created)} could not be removed: ${removed.left.message}`,
          )
        const requests = budget.sent()
        out.message(`${countText(results.length, 'law')}, ${countText(requests, 'request')}`)
        await print(kit, context, options.format, results, { drive: name, vendor: own.vendor, requests })
        const known = documents[own.vendor]
        if (known !== undefined && results.some(({ status }) => status === 'broken'))
          out.message(`what ${own.vendor} is known to do, and from where, is in ${known.join(' and ')}`)
        if (signal.aborted) return E.left(interrupted)
        const isKept = results.every(({ status }) => status === 'kept' || status === 'skipped')
        return E.right(isKept && E.isRight(removed) ? exits.done : exits.partly)
      }),
    )
}
