// JSON with positions: where in the text a value is, and where the text is malformed.
import * as E from 'fp-ts/Either'

/** An object of JSON: neither `null` nor a list. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === 'object' && u !== null && !Array.isArray(u)

/** Both begin at 1. */
export interface Position {
  readonly line: number
  readonly column: number
}
export interface Malformed extends Position {
  /** It never quotes the text, which may hold secrets. */
  readonly reason: string
}
interface Member {
  /** Offset of the key. */
  readonly at: number
  readonly node: Node
}
/** Offsets are in UTF-16 code units; `end` is exclusive. */
interface Node {
  readonly value: unknown
  readonly start: number
  readonly end: number
  readonly members?: ReadonlyMap<string, Member>
  readonly items?: ReadonlyArray<Node>
}

export interface JsonText {
  readonly value: unknown
  /** Of the value at a place such as `drives.work.auth.kind` or `list[0]`; of the nearest value around it where it does not exist. */
  readonly positionOf: (place: string) => Position
  /** The text with one member more at the end of the object at this place; undefined where there is no object. */
  readonly withMember: (place: string, key: string, value: unknown) => string | undefined
}

const deepest = 100
const tokens = {
  string: /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y, // eslint-disable-line no-control-regex -- JSON forbids control characters in strings
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  word: /true|false|null/y,
} as const

class Failure extends Error {
  readonly at: number
  constructor(at: number, reason: string) {
    super(reason)
    this.at = at
  }
}

const scan = (text: string): Node => {
  let at = 0
  const blanks = (): void => {
    while (/[ \t\r\n]/.test(text.charAt(at))) at += 1
  }
  const fail = (reason: string): never => {
    throw new Failure(at, at >= text.length ? 'the file ends too early' : reason)
  }
  const token = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  const string = (): string | undefined => {
    const found = token(tokens.string)
    return found === undefined ? undefined : (JSON.parse(found) as string)
  }
  /** What is between two brackets: `one` reads an element. */
  const list = (end: string, one: () => void): void => {
    at += 1
    blanks()
    for (let isFirst = true; text.charAt(at) !== end; isFirst = false) {
      if (!isFirst) {
        if (text.charAt(at) !== ',') fail(`"," or "${end}" is expected`)
        at += 1
        blanks()
      }
      one()
      blanks()
    }
    at += 1
  }
  const value = (depth: number): Node => {
    blanks()
    const start = at
    if (depth > deepest) fail(`values are nested deeper than ${deepest} levels`)
    const opening = text.charAt(at)
    if (opening === '{') {
      const members = new Map<string, Member>()
      list('}', () => {
        const key = { at, name: string() ?? fail('a key in double quotes is expected') }
        if (members.has(key.name)) throw new Failure(key.at, `the key ${JSON.stringify(key.name)} occurs twice`)
        blanks()
        if (text.charAt(at) !== ':') fail('":" is expected')
        at += 1
        members.set(key.name, { at: key.at, node: value(depth + 1) })
      })
      const plain = Object.fromEntries([...members].map(([key, { node }]) => [key, node.value]))
      return { value: plain, start, end: at, members }
    }
    if (opening === '[') {
      const items: Array<Node> = []
      list(']', () => items.push(value(depth + 1)))
      return { value: items.map((item) => item.value), start, end: at, items }
    }
    if (opening === '"') return { value: string() ?? fail('a string is malformed'), start, end: at }
    const plain = token(tokens.word) ?? token(tokens.number) ?? fail('a value is expected')
    return { value: JSON.parse(plain), start, end: at }
  }
  const whole = value(0)
  blanks()
  if (at < text.length) fail('the file has text after its end')
  return whole
}

const positionAt = (text: string, offset: number): Position => {
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
}

/** The member that the place begins with: the one with the longest key, since keys may contain dots. */
const memberAt = (node: Node, place: string): readonly [Member, rest: string] | undefined => {
  const [, index, after = ''] = /^\[(\d+)\]\.?(.*)$/s.exec(place) ?? []
  const item = index === undefined ? undefined : node.items?.[Number(index)]
  if (item !== undefined) return [{ at: item.start, node: item }, after]
  const begins = [...(node.members ?? [])].filter(
    ([key]) => place === key || place.startsWith(`${key}.`) || place.startsWith(`${key}[`),
  )
  const [longest] = begins.sort(([a], [b]) => b.length - a.length)
  return longest === undefined ? undefined : [longest[1], place.slice(longest[0].length).replace(/^\./, '')]
}

const find = (top: Node, place: string): Member & { readonly isExact: boolean } => {
  let found: Member = { at: top.start, node: top }
  let rest = place
  for (let next = memberAt(top, rest); rest !== '' && next !== undefined; next = memberAt(found.node, rest))
    [found, rest] = next
  return { ...found, isExact: rest === '' }
}

const memberText = (key: string, value: unknown): string =>
  `    ${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', '\n    ')}`

export const parseJson = (given: string): E.Either<Malformed, JsonText> => {
  const text = given.replace(/^\ufeff/, '')
  let top: Node
  try {
    top = scan(text)
  } catch (u) {
    if (!(u instanceof Failure)) throw u
    return E.left({ ...positionAt(text, u.at), reason: u.message })
  }
  return E.right({
    value: top.value,
    positionOf: (place) => positionAt(text, find(top, place).at),
    withMember: (place, key, value) => {
      const { node, isExact } = find(top, place)
      if (!isExact || node.members === undefined) return undefined
      const before = text.slice(0, node.end - 1).trimEnd()
      return `${before}${node.members.size === 0 ? '' : ','}\n${memberText(key, value)}\n  }${text.slice(node.end)}`
    },
  })
}
