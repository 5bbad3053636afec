// The If header: lists of state tokens and entity tags, some of them for other URLs.
import * as E from 'fp-ts/Either'

export interface Condition {
  readonly not: boolean
  readonly kind: 'token' | 'etag'
  readonly value: string
}
export interface ConditionList {
  /** The URL that the list is about; the request's own where it is absent. */
  readonly resource?: string
  readonly conditions: ReadonlyArray<Condition>
}

const space = /[ \t]*/y
const not = /Not\b[ \t]*/iy
const coded = /<([^<>]*)>/y
const etag = /\[((?:W\/)?"[^"]*")\]/y

interface Reader {
  readonly text: string
  at: number
}

const take = (reader: Reader, pattern: RegExp): RegExpExecArray | undefined => {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)
  if (found === null) return undefined
  reader.at = pattern.lastIndex
  return found
}

const takeChar = (reader: Reader, char: string): boolean => {
  take(reader, space)
  if (reader.text[reader.at] !== char) return false
  reader.at += 1
  return true
}

const takeCondition = (reader: Reader): Condition | undefined => {
  take(reader, space)
  const negated = take(reader, not) !== undefined
  const token = take(reader, coded)?.[1]
  if (token !== undefined) return { not: negated, kind: 'token', value: token }
  const tag = take(reader, etag)?.[1]
  return tag === undefined ? undefined : { not: negated, kind: 'etag', value: tag }
}

const takeList = (reader: Reader): ReadonlyArray<Condition> | undefined => {
  if (!takeChar(reader, '(')) return undefined
  const conditions: Array<Condition> = []
  while (!takeChar(reader, ')')) {
    const condition = takeCondition(reader)
    if (condition === undefined) return undefined
    conditions.push(condition)
  }
  return conditions.length === 0 ? undefined : conditions
}

/** Either every list has a URL before it, or none has: a mixture is a left, as is all that RFC 4918, 10.4.2 does not derive. */
export const parseIf = (text: string): E.Either<string, ReadonlyArray<ConditionList>> => {
  const reader: Reader = { text, at: 0 }
  const lists: Array<ConditionList> = []
  const wrong = E.left('the If header is malformed')
  let resource: string | undefined
  let tagged = false
  for (;;) {
    take(reader, space)
    if (reader.at === text.length) break
    const tag = take(reader, coded)?.[1]
    if (tag !== undefined) {
      if (lists.length > 0 && !tagged) return wrong
      tagged = true
      resource = tag
    }
    const conditions = takeList(reader)
    if (conditions === undefined) return wrong
    lists.push({ conditions, ...(resource === undefined ? {} : { resource }) })
  }
  return lists.length === 0 ? wrong : E.right(lists)
}

/** Every token that the client shows to know, wherever in the header it stands. */
export const tokensOf = (lists: ReadonlyArray<ConditionList>): ReadonlySet<string> =>
  new Set(lists.flatMap(({ conditions }) => conditions.filter((it) => it.kind === 'token').map(({ value }) => value)))
