// Names that a drive refuses, on their way there and back.
import { child, root, toPromises, type Naming } from '@anydrive/core'
import { nameFault, nameLength } from '@anydrive/core/adapter'
import { openLocal } from '@anydrive/local'
import { encoder, namesFor, type Names } from '@anydrive/migrate'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contents, memory } from './drives'

const plain: Naming = {
  maxLength: 255,
  lengthUnit: 'bytes',
  forbidden: '',
  reserved: [],
  case: 'sensitive',
  normalisation: 'as-is',
}
/** Windows as its documentation has it, and rules that refuse what encoders write. */
const rules = {
  plain,
  wide: { ...plain, maxLength: 250, lengthUnit: 'codepoints', forbidden: '<>|:"*?/\\', reserved: ['.', '..'] },
  windows: {
    ...plain,
    lengthUnit: 'utf16',
    forbidden: Array.from('<>:"/\\|?*')
      .concat(Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)))
      .join(''),
    forbiddenFirst: ' ',
    forbiddenLast: ' .',
    reserved: ['CON', 'aux', '😀', 'é'],
  },
  short: { ...plain, maxLength: 20, forbidden: 'aé😀:\u0301', forbiddenLast: '．' },
  forms: { ...plain, forbidden: ':\u007f：\u2421', forbiddenLast: '.．' },
  quotes: { ...plain, forbidden: ':\u201b' },
} satisfies Record<string, Naming>

const characters = Array.from('ab. ~_:/\\?*"<>|\0\n\t\x7f：．／？\u2400\u2420\u2421\u201b0019AFDé\u0301e漢😀')
const lone = ['\ud83d', '\ude00', '\udfff', '\ud800']
const nasty: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...characters, ...lone), { maxLength: 24 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('CON', 'aux', '.', '..', '', '😀', 'é', ' a', 'a ', 'a.', '‛', '‛‛', '‛003A'),
  },
)
const subset = fc.array(fc.constantFrom(...characters), { maxLength: 6 }).map((all) => all.join(''))
const random: fc.Arbitrary<Naming> = fc.record({
  maxLength: fc.integer({ min: 1, max: 300 }),
  lengthUnit: fc.constantFrom<Naming['lengthUnit']>('bytes', 'utf16', 'codepoints'),
  forbidden: subset,
  forbiddenFirst: subset,
  forbiddenLast: subset,
  reserved: fc.array(nasty, { maxLength: 3 }),
  case: fc.constant('sensitive' as const),
  normalisation: fc.constant('as-is' as const),
})
const someRules: fc.Arbitrary<Naming> = fc.oneof(fc.constantFrom<Naming>(...Object.values(rules)), random)

const isName = (name: string): boolean => E.isRight(child(root, name))
const rightOf = <A>(answer: E.Either<unknown, A>): A => {
  if (E.isLeft(answer)) throw new Error(JSON.stringify(answer.left))
  return answer.right
}
const runs = { numRuns: 3000 }

describe('encode', () => {
  test('decoded, an encoded name is the name it was, and the drive takes it', () => {
    fc.assert(
      fc.property(someRules, nasty, (naming, name) => {
        const { encode, decode } = encoder(naming)
        const encoded = encode(name)
        if (E.isLeft(encoded)) return
        expect(decode(encoded.right)).toBe(name)
        expect(nameFault(naming, encoded.right)).toBeUndefined()
        expect(isName(encoded.right)).toBe(true)
        expect(Buffer.from(encoded.right).toString()).toBe(encoded.right)
      }),
      runs,
    )
  })

  test('two names never become one', () => {
    const close = fc
      .array(fc.constantFrom(':', '：', '‛', '003A', ' ', '␠', 'a'), { maxLength: 4 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(someRules, close, close, (naming, one, two) => {
        const { encode } = encoder(naming)
        const [x, y] = [encode(one), encode(two)]
        if (one !== two && E.isRight(x) && E.isRight(y)) expect(x.right).not.toBe(y.right)
      }),
      runs,
    )
  })

  test('every name that a path can hold is encoded where the drive takes the forms and there is room', () => {
    fc.assert(
      fc.property(fc.constantFrom(rules.wide, rules.windows, rules.plain), nasty, (naming, name) => {
        fc.pre(isName(name))
        const roomy = encoder({ ...naming, maxLength: 10_000 })
        expect(roomy.decode(rightOf(roomy.encode(name)))).toBe(name)
      }),
      runs,
    )
  })

  test('what the drive takes and holds no quote stays, full-width punctuation too', () => {
    const { encode } = encoder(rules.wide)
    for (const name of ['文件（1）：终稿？', 'a％b', '␀', 'e\u0301', ' a ', '新建文件夹', 'x~0123456789ab.txt'])
      expect(encode(name)).toEqual(E.right(name))
  })

  test.each([
    ['wide', 'a:b', 'a‛：b'],
    ['wide', 'why?', 'why‛？'],
    ['wide', 'a：b:c', 'a：b‛：c'],
    ['wide', 'it‛s', 'it‛‛s'],
    ['wide', '\ud83d', '‛D83D'],
    ['windows', 'a\nb', 'a‛␊b'],
    ['windows', ' a ', '‛␠a‛␠'],
    ['windows', ' ', '‛␠'],
    ['windows', 'a..', 'a.‛．'],
    ['windows', 'CON', '‛ＣON'],
    ['windows', 'é', '‛00E9'],
    ['windows', '😀', '‛D83D‛DE00'],
    ['forms', ':', '‛003A'],
    ['forms', 'a.', 'a‛002E'],
    ['forms', '\x7f', '‛007F'],
  ] as const)('for a drive of rules %s %j becomes %j', (naming, name, encoded) => {
    expect(encoder(rules[naming]).encode(name)).toEqual(E.right(encoded))
    expect(encoder(plain).decode(encoded)).toBe(name)
  })

  test('too long once encoded is a left that says so, and nothing is cut', () => {
    const { encode } = encoder({ ...plain, maxLength: 10, lengthUnit: 'codepoints', forbidden: ':' })
    expect(encode('12345678:')).toEqual(E.right('12345678‛：'))
    expect(encode('123456789:')).toEqual(
      E.left({ _tag: 'LimitExceeded', limit: 'name', max: 10, said: 'encoded it has 11 codepoints' }),
    )
    expect(encode('12345678901')).toEqual(E.left({ _tag: 'LimitExceeded', limit: 'name', max: 10 }))
  })

  test('what the drive refuses to stand for it is a left', () => {
    expect(encoder(rules.quotes).encode('a:b')).toMatchObject({ left: { _tag: 'InvalidPath' } })
    expect(encoder(rules.quotes).encode('a；b')).toEqual(E.right('a；b'))
  })

  test.each(['', '.', '..', 'a/b', 'a\0b'])('%j is no name', (name) => {
    expect(encoder(plain).encode(name)).toMatchObject({ left: { _tag: 'InvalidPath' } })
  })
})

describe('decode', () => {
  test('is a name whatever the name, and never leads elsewhere', () => {
    const text = fc.oneof(
      nasty,
      fc.array(fc.constantFrom('‛', '．', '／', '002F', '2', '␀', 'a'), { maxLength: 6 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (name) => {
        if (isName(name)) expect(isName(encoder(plain).decode(name))).toBe(true)
      }),
      runs,
    )
  })

  test.each(['a‛', '‛b', 'a‛：b‛', '‛00e9', '‛012', '‛．', '‛．‛．', 'a‛／b', '‛002F', '‛␀', '‛'])(
    '%j was not encoded by us, and stays',
    (name) => {
      expect(encoder(plain).decode(name)).toBe(name)
    },
  )
})

describe('replace', () => {
  test('gives a name that the drive takes, another for another', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(rules.plain, rules.wide, rules.windows, rules.forms, rules.quotes),
        nasty,
        nasty,
        (naming, one, two) => {
          const { toDestination } = namesFor('replace', naming)
          const [x, y] = [rightOf(toDestination(one)), rightOf(toDestination(two))]
          expect([nameFault(naming, x), isName(x)]).toEqual([undefined, true])
          expect(x === y).toBe(one === two)
          expect(toDestination(one)).toEqual(E.right(x))
        },
      ),
      runs,
    )
  })

  test('under any rules what it gives is taken; it gives none only where the mark itself is refused', () => {
    fc.assert(
      fc.property(random, nasty, (naming, name) => {
        const answer = namesFor('replace', naming).toDestination(name)
        if (E.isRight(answer))
          expect([nameFault(naming, answer.right), isName(answer.right)]).toEqual([undefined, true])
        else
          expect(
            naming.maxLength < 13 ||
              /[~_0-9a-f.]/.test(naming.forbidden + (naming.forbiddenFirst ?? '') + (naming.forbiddenLast ?? '')),
          ).toBe(true)
      }),
      runs,
    )
  })

  test.each([
    ['report:final?.txt', /^report_final_~[0-9a-f]{12}\.txt$/],
    ['a.tar:.gz', /^a\.tar_~[0-9a-f]{12}\.gz$/],
    ['no extension:', /^no extension_~[0-9a-f]{12}$/],
    ['.hidden:', /^\.hidden_~[0-9a-f]{12}$/],
    ['a~0123456789ab.txt', /^a~0123456789ab~[0-9a-f]{12}\.txt$/],
    ['as it is.txt', /^as it is\.txt$/],
  ])('%j', (name, expected) => {
    expect(rightOf(namesFor('replace', rules.wide).toDestination(name))).toMatch(expected)
  })

  test('one too long is cut between code points, and keeps its extension', () => {
    const naming: Naming = { ...plain, maxLength: 30 }
    const cut = rightOf(namesFor('replace', naming).toDestination(`${'😀'.repeat(20)}.jpeg`))
    expect(cut).toMatch(/^(😀){3}~[0-9a-f]{12}\.jpeg$/u)
    const long = rightOf(namesFor('replace', naming).toDestination(`${'a'.repeat(20)}.${'b'.repeat(100)}`))
    expect([long.length, long.slice(0, 17)]).toEqual([30, 'aaaaaaaaaaaaaaaaa'])
    expect(nameLength(cut, 'bytes')).toBeLessThanOrEqual(30)
  })
})

describe('refuse and decode', () => {
  const answers = (names: Names, naming: Naming, name: string) => namesFor(names, naming).toDestination(name)

  test('refuse carries what the drive takes, as it is', () => {
    expect(answers('refuse', rules.wide, 'a‛：b')).toEqual(E.right('a‛：b'))
    expect(answers('refuse', rules.wide, 'a:b')).toMatchObject({ left: { _tag: 'InvalidPath' } })
    expect(answers('refuse', rules.windows, 'a ')).toMatchObject({ left: { reason: 'a name may not end with " "' } })
    expect(answers('refuse', rules.windows, ' a')).toMatchObject({ left: { reason: 'a name may not begin with " "' } })
  })

  test('decode gives back what was encoded, if the drive takes it', () => {
    expect(answers('decode', plain, 'a‛：b')).toEqual(E.right('a:b'))
    expect(answers('decode', rules.wide, 'a‛：b')).toMatchObject({ left: { _tag: 'InvalidPath' } })
    expect(answers('decode', plain, 'a：b')).toEqual(E.right('a：b'))
  })
})

test('what is encoded for the memory drive and for this machine is written, listed and read back by them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'anydrive-names-'))
  const names = ['a:b', 'a\nb', 'a：b', '‛', 'CON', ' a ', 'e\u0301', '\ud83d', 'x\x7f']
  try {
    for (const drive of [
      await memory({}, { naming: { forbidden: ':\n', reserved: ['CON'] } }),
      openLocal({ root: dir }),
    ]) {
      const { encode, decode } = encoder(drive.capabilities.naming)
      for (const name of names) await toPromises(drive).writeFile(rightOf(encode(name)), name)
      const listed = Object.keys(await contents(drive))
      expect(listed.map(decode).sort()).toEqual([...names].sort())
    }
  } finally {
    await rm(dir, { recursive: true })
  }
})
