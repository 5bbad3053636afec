// Takes known secrets out of a text, in whatever form a service repeats them.

/** A text as bytes, each with the place in the text that it comes from. */
interface Bytes {
  readonly codes: ReadonlyArray<number>
  readonly from: ReadonlyArray<number>
  readonly to: ReadonlyArray<number>
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
/** In JSON and in the languages that are written like C. */
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' }
const escape =
  /^(?:(?:%|\\x)([0-9a-f]{2})|[\\%]u(d[89ab][0-9a-f]{2})[\\%]u(d[c-f][0-9a-f]{2})|[\\%]u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\([0-7]{3})|\\(.)|&#x([0-9a-f]{1,6});|&#(\d{1,7});|&([a-z]{2,4});)/i
/** The longest escape is that of two surrogates. */
const longestEscape = 12

const bytesOf = (text: string): Bytes => {
  const codes: Array<number> = []
  const from: Array<number> = []
  const to: Array<number> = []
  let at = 0
  for (const point of text) {
    for (const code of Buffer.from(point.toLowerCase())) {
      codes.push(code)
      from.push(at)
      to.push(at + point.length)
    }
    at += point.length
  }
  return { codes, from, to }
}

/** The bytes that an escape encodes; undefined where it is none. */
const meaningOf = (found: RegExpExecArray): Buffer | undefined => {
  const [, byte, high, low, unit, braced, octal, escaped, entityHex, entityNumber, entity] = found
  if (byte !== undefined) return Buffer.from(byte, 'hex')
  if (high !== undefined) return Buffer.from(String.fromCharCode(parseInt(high, 16), parseInt(low ?? '', 16)))
  if (octal !== undefined) return Buffer.from([parseInt(octal, 8) & 0xff])
  if (escaped !== undefined) return Buffer.from(controls[escaped.toLowerCase()] ?? escaped, 'latin1')
  if (entity !== undefined) {
    const meaning = entities[entity.toLowerCase()]
    return meaning === undefined ? undefined : Buffer.from(meaning)
  }
  const code = entityNumber === undefined ? parseInt(unit ?? braced ?? entityHex ?? '', 16) : Number(entityNumber)
  return code > 0x10ffff ? undefined : Buffer.from(String.fromCodePoint(code))
}

/** One layer of escapes fewer; the same object where there was none. */
const unescaped = (bytes: Bytes): Bytes => {
  if (!bytes.codes.some((code) => code === 0x25 || code === 0x5c || code === 0x26)) return bytes
  const text = Buffer.from(bytes.codes).toString('latin1')
  const codes: Array<number> = []
  const from: Array<number> = []
  const to: Array<number> = []
  const add = (code: number, start: number, end: number): void => {
    codes.push(code)
    from.push(bytes.from[start] ?? 0)
    to.push(bytes.to[end - 1] ?? 0)
  }
  for (let i = 0; i < text.length;) {
    const found = '%\\&'.includes(text.charAt(i)) ? escape.exec(text.slice(i, i + longestEscape)) : null
    const meaning = found === null ? undefined : meaningOf(found)
    const end = i + (meaning === undefined ? 1 : (found?.[0].length ?? 1))
    for (const code of meaning ?? [text.charCodeAt(i)]) add(code, i, end)
    i = end
  }
  return codes.length === bytes.codes.length ? bytes : { codes, from, to }
}

/** Without the line ends that wrap a long text. */
const unwrapped = ({ codes, from, to }: Bytes): Bytes => {
  const isKept = (_: number, i: number): boolean => codes[i] !== 0x0a && codes[i] !== 0x0d
  return { codes: codes.filter(isKept), from: from.filter(isKept), to: to.filter(isKept) }
}

/** Escapes may be nested: a URL within a URL within JSON. */
const mostLayers = 4

const plainOf = (text: string): Bytes => {
  let bytes = bytesOf(text)
  for (let layer = 0; layer < mostLayers; layer++) {
    const next = unescaped(bytes)
    if (next === bytes) break
    bytes = next
  }
  return bytes.codes.includes(0x0a) || bytes.codes.includes(0x0d) ? unwrapped(bytes) : bytes
}

/** Without the differences between upper and lower case, between the two alphabets of base64, and between a space and the plus that is one in forms. */
const folded = (bytes: Uint8Array | ReadonlyArray<number>): string =>
  Buffer.from(bytes).toString('latin1').toLowerCase().replace(/[- ]/g, '+').replaceAll('_', '/')

/** Base64 of the bytes wherever they begin within a longer text: the characters that depend on these bytes alone. */
const base64Forms = (value: Buffer): ReadonlyArray<string> =>
  [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), value]).toString('base64')
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + value.length) * 8) / 6))
  })

/** Bytes of the shortest secret that is looked for, and of the shortest that is found inside a word. */
const shortest = 4
const distinct = 8

/** The forms of a secret that are looked for, folded. */
export type Needles = ReadonlyArray<string>

export const needlesOf = (value: string): Needles => {
  const bytes = Buffer.from(value)
  if (bytes.length < shortest) return []
  const encoded = bytes.length < distinct ? [] : [...base64Forms(bytes), bytes.toString('hex')]
  const isAscii = bytes.length === value.length
  // Another Unicode form; read as Latin-1, as headers are; and sent as Latin-1.
  const others = isAscii ? [] : [value.normalize('NFC'), value.normalize('NFD'), bytes.toString('latin1')]
  const plain = [value, ...others].map((text) => folded(plainOf(text).codes))
  const latin1 = isAscii || /[^\0-\xff]/.test(value) ? [] : [folded(Buffer.from(value.toLowerCase(), 'latin1'))]
  return [...new Set([...plain, ...latin1, ...encoded.map((text) => folded(Buffer.from(text)))])]
}

const isWordAt = (text: string, at: number): boolean => /[a-z0-9]/.test(text.charAt(at))

/** Where the needles are in the text, as start and end. */
const placesOf = (text: string, needles: Iterable<Needles>): ReadonlyArray<readonly [number, number]> => {
  const { codes, from, to } = plainOf(text)
  const plain = folded(codes)
  const places: Array<readonly [number, number]> = []
  for (const forms of needles)
    for (const form of forms) {
      if (form.length > plain.length) continue
      for (let at = plain.indexOf(form); at >= 0; at = plain.indexOf(form, at + form.length)) {
        const end = at + form.length
        const begins = !isWordAt(plain, at - 1) || to[at - 1] !== from[at]
        const ends = !isWordAt(plain, end) || to[end - 1] !== from[end]
        if (form.length < distinct && !(begins && ends)) continue
        places.push([from[at] ?? 0, to[end - 1] ?? text.length])
      }
    }
  return places.sort(([a], [b]) => a - b)
}

/** The text with `[secret]` in place of every needle. */
export const withhold = (text: string, needles: Iterable<Needles>, printed: string): string => {
  if (text.length < shortest) return text
  const places = placesOf(text, needles)
  if (places.length === 0) return text
  let result = ''
  let copied = 0
  for (const [start, end] of places) {
    if (end <= copied) continue
    if (start >= copied) result += text.slice(copied, start) + printed
    copied = end
  }
  return result + text.slice(copied)
}
