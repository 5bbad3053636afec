// Strategies, secrets, errors, temporary names, capabilities and the registry: values without effects.
import * as E from 'fp-ts/Either'
import * as t from 'io-ts'
import { inspect } from 'node:util'
import {
  createRegistry,
  DriveException,
  has,
  isSecret,
  matchSome,
  path,
  requires,
  retryAdvice,
  reveal,
  secret,
  Secret,
  type DrivePath,
  type DriveProvider,
  type Capabilities,
  type DriveError,
  type Entry,
  type Fault,
  type PromisedDrive,
  type Result,
} from '../src'
import {
  defineCapabilities,
  defined,
  indeterminate,
  unavailable,
  defineAdapter,
  defineDrive,
  isTemporary,
  issuesOf,
  locate,
  nameConflict,
  nameFault,
  notFound,
  stemOf,
  temporaryName,
  unexpectedResponse,
  useOf,
} from '../src/adapter'
import { capabilities, toy } from './toy'

describe('secrets', () => {
  const it = secret('hush')
  test('print as [secret] by every route', () => {
    const shown = [
      String(it),
      `${it as unknown as string}`,
      JSON.stringify({ it }),
      inspect(it),
      inspect({ deep: { it } }),
      (it as unknown as object).toLocaleString(),
    ]
    expect(shown.join()).not.toContain('hush')
    expect(Object.keys(it)).toEqual([])
    expect(inspect(new Error('x', { cause: it }))).not.toContain('hush')
  })
  test('are revealed only by reveal', () => {
    expect(reveal(it)).toBe('hush')
    expect(() => reveal({} as Secret)).toThrow(TypeError)
  })
  test('are decoded from text, and a failure does not hold the value', () => {
    const decoded = Secret.decode('hush')
    expect(E.isRight(decoded) && isSecret(decoded.right)).toBe(true)
    const failed = Secret.decode(42)
    expect(E.isLeft(failed) && issuesOf(failed.left)).toEqual([{ at: '', expected: 'Secret', got: 'number' }])
    expect(E.isLeft(Secret.decode(''))).toBe(true)
  })
})

describe('errors', () => {
  const where = { vendor: 'toy', operation: 'createDir', path: path('a/b') } as const
  test('say what was tried, where, what the service said and what to do', () => {
    const error = locate(where)(nameConflict({ http: 409, code: 'SameName', requestId: 'r1' }))
    expect(error.message).toBe(
      'toy createDir /a/b: the name is taken; choose another name, or the strategy rename [HTTP 409, SameName, request r1]',
    )
  })
  test.each([
    ['\u001b[31mred', '\\u001b[31mred'],
    ['a\r\nb\tc\0', 'a\\u000d\\u000ab\\u0009c\\u0000'],
    ['\u009b2J', '\\u009b2J'],
    ['gpj.\u202etxt\u2066', 'gpj.\\u202etxt\\u2066'],
    ['lone \ud800', 'lone \\ud800'],
    ['漢字 😀 ü', '漢字 😀 ü'],
  ])('show %j of a service as %s, in the message and in the fields', (text, shown) => {
    const error = locate({ ...where, path: `dir/${text}` as typeof where.path })(
      notFound({ what: 'source', code: text, said: text, requestId: text }),
    )
    expect([error.code, error.said, error.requestId]).toEqual([shown, shown, shown])
    expect(error.message.split(shown)).toHaveLength(5)
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cs}\u202e\u2066]/u)
  })
  test('cut what a service says to 1,000 characters', () => {
    for (const text of ['x'.repeat(5000), '😀'.repeat(5000), '\u001b'.repeat(5000)]) {
      const error = locate(where)(unavailable({ effect: 'none', said: text, code: text }))
      expect(Array.from(error.said?.replaceAll('\\u001b', 'e') ?? '')).toHaveLength(1001)
      expect(error.message.length).toBeLessThan(20_000)
      expect(error.message).not.toMatch(/\p{Cs}/u)
    }
    const issues = [{ at: 'k'.repeat(9999), expected: 'string', got: 'number' }]
    expect(locate(where)(unexpectedResponse({ effect: 'none', issues })).message.length).toBeLessThan(1100)
  })
  test.each([
    ['createDir', 'ask', 'directory', 'the strategy rename'],
    ['createDir', 'overwrite', 'directory', 'the strategy rename'],
    ['createDir', 'overwrite', 'file', 'the strategy rename'],
    ['copyDir', 'overwrite', undefined, 'the strategy rename'],
    ['writeFile', 'ask', 'file', 'the strategy rename or overwrite'],
    ['writeFile', 'ask', undefined, 'the strategy rename or overwrite'],
    ['writeFile', 'ask', 'directory', 'the strategy rename'],
    ['batchMove', 'overwrite', 'directory', 'the strategy rename'],
    ['batchCopy', 'rename', 'file', 'choose another name'],
  ] as const)('a conflict of %s under %s with a %s advises what can help', (operation, conflict, kind, advice) => {
    const base = { path: path('a'), name: 'a' }
    const existing: Entry | undefined =
      kind === 'file' ? { kind, ...base, size: 1, checksums: {} } : kind === undefined ? kind : { kind, ...base }
    const { message } = locate({ vendor: 'toy', operation }, conflict)(nameConflict(defined({ existing })))
    expect(message.endsWith(advice)).toBe(true)
  })
  test.each(['$&', '$1', '$`', "$'", '$$'])('show a missing path with %s in its name as it is', (name) => {
    const fault = notFound({ what: 'parent', at: `a/${name}/b` as DrivePath })
    expect(locate(where)(fault).message).toContain(`a parent directory does not exist (/a/${name}/b); create it first`)
  })
  test('an unknown outcome says what was found and what is likely', () => {
    const found = { kind: 'directory', path: path('a/b'), name: 'b' } as const
    const messageOf = (likely?: 'done' | 'not-done') =>
      locate(where)(
        indeterminate({ check: 'the path', ...defined({ found: likely === 'done' ? found : undefined, likely }) }),
      ).message
    expect(messageOf('done')).toBe(
      'toy createDir /a/b: the outcome is unknown; a directory was found at /a/b; it has probably happened; check the path',
    )
    expect(messageOf('not-done')).toContain('it has probably not happened; check the path')
    expect(messageOf()).toBe('toy createDir /a/b: the outcome is unknown; check the path')
  })
  test('are located once', () => {
    const once = locate(where)(notFound({ what: 'source' }))
    expect(locate({ ...where, vendor: 'other' })(once)).toBe(once)
  })
  test('are told apart by their tag, with and without the compiler’s help', () => {
    const error: DriveError = locate(where)(notFound({ what: 'parent' }))
    expect(matchSome({ NotFound: (e) => e.what }, () => 'else')(error)).toBe('parent')
    const thrown: unknown = new DriveException(error)
    expect(DriveException.is(thrown, 'NotFound') && thrown.error.what).toBe('parent')
    expect(DriveException.is(thrown, 'NameConflict')).toBe(false)
    expect(DriveException.is(new Error('x'))).toBe(false)
  })
  test.each([
    [{ _tag: 'RateLimited' }, 'later'],
    [{ _tag: 'Network' }, 'later'],
    [{ _tag: 'ChecksumMismatch', algorithm: 'sha256' }, 'once-more'],
    [{ _tag: 'Indeterminate', check: 'x' }, 'check-first'],
    [{ _tag: 'NameConflict' }, 'no'],
    [{ _tag: 'Aborted', effect: 'none' }, 'no'],
  ] as ReadonlyArray<[Fault, string]>)('%j is advised %s', (fault, advice) => {
    expect(retryAdvice(fault)).toBe(advice)
  })
})

test('decoding names the places that fail and the types, never the values', () => {
  const codec = t.intersection([
    t.type({ a: t.string, list: t.array(t.type({ n: t.number })) }),
    t.partial({ u: t.union([t.string, t.number]) }),
  ])
  const decoded = codec.decode({ a: 7, list: [{ n: 'hush' }], u: { hush: 1 } })
  if (E.isRight(decoded)) throw new Error('a left was expected')
  expect(issuesOf(decoded.left)).toEqual([
    { at: 'a', expected: 'string', got: 'number' },
    { at: 'list[0].n', expected: 'number', got: 'string' },
    { at: 'u', expected: 'string or number', got: 'object' },
  ])
  expect(
    locate({ vendor: 'v', operation: 'stat' })(unexpectedResponse({ effect: 'none', issues: issuesOf(decoded.left) }))
      .message,
  ).not.toContain('hush')
})

test('places are the document’s own, also inside exact and readonly codecs', () => {
  const Item = t.exact(t.intersection([t.type({ name: t.string }), t.partial({ size: t.number })]))
  const decoded = t
    .exact(t.intersection([t.type({ items: t.readonlyArray(Item) }), t.partial({ next: t.string })]))
    .decode({
      items: [{ name: 7 }, { name: 'b', size: 'hush' }],
      next: [],
    })
  expect(E.isLeft(decoded) && issuesOf(decoded.left).map(({ at }) => at)).toEqual([
    'items[0].name',
    'items[1].size',
    'next',
  ])
})

describe('temporary names', () => {
  test('are the same for one target and use, within 213 units, and know what they stand for', () => {
    const target = path('dir/report.pdf')
    const name = temporaryName(target, 'new')
    expect(name).toMatch(/^report\.pdf\.anydrive-[0-9a-f]{12}$/)
    expect(name).toBe(temporaryName(target, 'new'))
    expect(name).not.toBe(temporaryName(target, 'old'))
    expect([isTemporary(name), stemOf(name), useOf(name, target)]).toEqual([true, 'report.pdf', 'new'])
    expect(useOf(name, path('other/report.pdf'))).toBeUndefined()
  })
  test('are not those that only look like one', () => {
    const name = temporaryName(path('f'), 'old')
    const others = [
      'f.anydrive-0123456789ab',
      '.anydrive-abcdefabcdef',
      name.toUpperCase(),
      `${name}0`,
      name.slice(0, -1),
      `${name.slice(0, -1)}${name.endsWith('0') ? '1' : '0'}`,
    ]
    expect(others.filter(isTemporary)).toEqual([])
    expect(others.map((one) => useOf(one, path('f')))).toEqual(others.map(() => undefined))
  })
  test('never cut a surrogate pair', () => {
    const long = '😀'.repeat(150) as ReturnType<typeof path>
    expect(stemOf(temporaryName(long, 'old'))).toBe('😀'.repeat(100))
  })
})

test('names are judged by their length, their characters, the whole, and their two ends', () => {
  const naming = {
    ...capabilities.naming,
    maxLength: 4,
    lengthUnit: 'codepoints' as const,
    forbidden: ':😀',
    forbiddenFirst: ' ',
    forbiddenLast: ' .',
    reserved: ['desk'],
  }
  const reason = (name: string) => {
    const fault = nameFault(naming, name)
    return fault?._tag === 'InvalidPath' ? fault.reason : fault?._tag
  }
  expect(['abcde', '漢漢漢漢', 'a:', 'a😀', 'desk', ' a', 'a ', '.a', 'a.'].map(reason)).toEqual([
    'LimitExceeded',
    undefined,
    'a name may not hold ":"',
    'a name may not hold "😀"',
    'the name "desk" is reserved',
    'a name may not begin with " "',
    'a name may not end with " "',
    undefined,
    'a name may not end with "."',
  ])
})

describe('capabilities', () => {
  const least = { naming: { maxLength: 9, lengthUnit: 'bytes' }, limits: { page: 7 } } as const
  test('that are not named are absent, and the contract is 1.0', () => {
    const none: Capabilities = defineCapabilities(least)
    expect(none).toMatchObject({
      contract: '1.0',
      limits: { page: 7, batch: 1 },
      naming: { maxLength: 9, forbidden: '' },
    })
    for (const feature of [
      ...([
        'operations.copyDir',
        'operations.batchMove',
        'operations.usage',
        'features.trash',
        'features.etags',
      ] as const),
      ...(['features.ranges', 'features.ifVersion', 'upload.instant'] as const),
      ...(['conflict.writeFile.overwrite', 'conflict.createDir.ask', 'conflict.moveDir.rename'] as const),
    ])
      expect([feature, has(none, feature)]).toEqual([feature, false])
  })
  test('keep the types of what was named', () => {
    const some = defineCapabilities({
      ...least,
      operations: { batchRemove: true },
      features: { etags: true, trash: true },
    })
    const types: readonly [true, false, true, '1.0'] = [
      ...([some.operations.batchRemove, some.operations.copyDir, some.features.trash, some.contract] as const),
    ]
    expect(types).toEqual([true, false, true, '1.0'])
    expect([has(some, 'features.etags'), has(some, 'features.ranges')]).toEqual([true, false])
    const { batchRemove, ...others } = toy().operations
    expect(defineDrive('x', some, { ...others, batchRemove }).vendor).toBe('x')
    // @ts-expect-error the capabilities declare batchRemove, so it must be written
    expect(defineDrive('x', some, others).vendor).toBe('x')
    // @ts-expect-error what no drive can have
    expect(defineCapabilities({ ...least, operations: { fly: true } })).toBeDefined()
    expect(has({ ...capabilities }, 'features.etags')).toBe(true)
  })

  test('name the first feature that is missing', () => {
    const { drive } = toy()
    expect(has(drive.capabilities, 'operations.copyDir')).toBe(true)
    expect(requires('operations.copyDir', 'features.trash')(drive)).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'Unsupported', feature: 'features.trash' },
    })
    expect(requires('conflict.writeFile.overwrite')(drive)).toEqual(E.right(drive))
  })
})

describe('the registry', () => {
  const adapter = defineAdapter({
    type: 'toy',
    settings: t.strict({ token: Secret, root: t.string }, 'ToySettings'),
    capabilities: () => capabilities,
    open: () => toy().drive,
  })
  const registry = createRegistry([adapter])
  test('opens what is written in a program and what is read from somewhere', () => {
    expect(E.isRight(registry.open({ type: 'toy', token: 't', root: '/' }))).toBe(true)
    expect(E.isRight(registry.openUnknown({ type: 'toy', token: 't', root: '/' }))).toBe(true)
    // @ts-expect-error a field is missing
    expect(E.isLeft(registry.open({ type: 'toy', token: 't' }))).toBe(true)
    // @ts-expect-error no such type
    expect(E.isLeft(registry.open({ type: 'dropbox' }))).toBe(true)
  })
  test('says what is wrong, and never a value', () => {
    expect(registry.openUnknown({ type: 'toy', token: 12345, root: '/' })).toMatchObject({
      left: { _tag: 'InvalidSettings', type: 'toy', issues: [{ at: 'token', expected: 'Secret' }] },
    })
    expect(JSON.stringify(registry.openUnknown({ type: 'toy', token: 12345 }))).not.toContain('12345')
    expect(registry.openUnknown({ type: 'box' })).toMatchObject({ left: { _tag: 'UnknownDriveType', known: ['toy'] } })
    expect(registry.openUnknown(null)).toMatchObject({ left: { _tag: 'InvalidSettings' } })
  })
})

test('the façade has every verb of the contract, with the same answers', () => {
  type RightOf<F> = F extends (...a: infer _P) => Result<infer A> ? A : never
  type PromiseOf<F> = F extends (...a: infer _P) => Promise<infer A> ? A : never
  type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
  type Verb = Exclude<keyof DriveProvider, 'vendor' | 'capabilities'>
  type Drift = {
    [V in Verb]: Same<RightOf<DriveProvider[V]>, PromiseOf<PromisedDrive[V]>> extends true ? never : V
  }[Verb]
  const drift: [Drift] extends [never] ? true : Drift = true
  expect(drift).toBe(true)
})
