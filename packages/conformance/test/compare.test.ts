// What was said against what is there: each way in which the two can differ.
import type { DriveError, Fault } from '@anydrive/core'
import { aborted, indeterminate, locate, nameConflict, network, taskFailed } from '@anydrive/core/adapter'
import { contradiction } from '../src/doubt/compare'
import type { Stated, Unit } from '../src/doubt/scenario'

type Entries = Readonly<Record<string, string>>
const failed = (fault: Fault): Stated => ({
  status: 'failed',
  error: locate({ vendor: 'v', operation: 'createDir' })(fault) as DriveError,
})
const done = (path: string, how = 'as-asked'): Stated => ({ status: 'done', path, how })
const unknown = failed(indeterminate({ check: 'it' }))
const refused = failed(nameConflict())

const judged = (before: Entries, after: Entries, unit: Unit, stated: Stated, hidden: Entries = {}) =>
  contradiction(
    new Map(Object.entries(before)),
    { visible: new Map(Object.entries(after)), hidden: new Map(Object.entries(hidden)) },
    [unit],
    [stated],
    { recovers: true },
  )

const create = (conflict: Unit['conflict'] = 'ask'): Unit => ({ effect: 'create', to: 't', conflict })
const write = (conflict: Unit['conflict']): Unit => ({ effect: 'write', to: 't', content: 'new', conflict })
const move: Unit = { effect: 'move', from: 's', to: 't', conflict: 'ask' }
const copy: Unit = { effect: 'copy', from: 's', to: 't', conflict: 'ask' }
const tree = { s: 'dir', 's/f': 'one' }

const agreeing: ReadonlyArray<readonly [string, Entries, Entries, Unit, Stated]> = [
  ['a directory that was created', {}, { t: 'dir' }, create(), done('t')],
  ['a parent that stays after a failure', {}, { p: 'dir' }, { ...create(), to: 'p/t' }, refused],
  [
    'a name picked by the service',
    { t: 'dir' },
    { t: 'dir', 'whatever-7': 'dir' },
    create('rename'),
    done('whatever-7', 'renamed'),
  ],
  ['doubt about nothing', {}, {}, create(), unknown],
  ['doubt about something', {}, { t: 'dir' }, create(), unknown],
  ['an abort in doubt', {}, { t: 'dir' }, create(), failed(aborted({ effect: 'unknown' }))],
  [
    'a composed copy in doubt, under the name that the service picked',
    { s: 'one' },
    { s: 'one', 's 2': 'one' },
    { ...copy, from: 's', composed: true },
    unknown,
  ],
  ['a task that failed half way', tree, { ...tree, t: 'dir' }, copy, failed(taskFailed())],
  ['an overwrite that did not happen', { t: 'old' }, { t: 'old' }, write('overwrite'), unknown],
  ['a move', tree, { t: 'dir', 't/f': 'one' }, move, done('t')],
]
for (const [name, before, after, unit, stated] of agreeing)
  test(`${name} is as said`, () => {
    expect(judged(before, after, unit, stated)).toBeUndefined()
  })

const contradicting: ReadonlyArray<readonly [string, Entries, Entries, Unit, Stated, RegExp, Entries?]> = [
  ['a success of nothing', {}, {}, create(), done('t'), /t is not there/],
  ['a directory claimed that existed', { t: 'dir' }, { t: 'dir' }, create(), done('t'), /was there before/],
  ['a failure that happened', {}, { t: 'dir' }, create(), failed(network({ effect: 'none' })), /t appeared/],
  [
    'an abort without effect that happened',
    {},
    { t: 'dir' },
    create(),
    failed(aborted({ effect: 'none' })),
    /t appeared/,
  ],
  ['done twice', {}, { t: 'dir', 't (1)': 'dir' }, create('rename'), done('t'), /t \(1\) appeared/],
  ['done twice in doubt', {}, { t: 'dir', 't (1)': 'dir' }, create('rename'), unknown, /appeared/],
  [
    'a merge',
    { ...tree, t: 'dir', 't/x': 'x' },
    { ...tree, t: 'dir', 't/x': 'x', 't/f': 'one' },
    copy,
    refused,
    /t\/f appeared/,
  ],
  [
    'a copy in doubt under another name, by a drive that does not compose copies',
    { s: 'one' },
    { s: 'one', 's 2': 'one' },
    { ...copy, from: 's' },
    unknown,
    /s 2 appeared/,
  ],
  [
    'a composed copy in doubt that is there twice',
    { s: 'one' },
    { s: 'one', 's 2': 'one', t: 'one' },
    { ...copy, from: 's', composed: true },
    unknown,
    /appeared/,
  ],
  ['other bytes of the same size', {}, { t: 'nex' }, write('ask'), done('t'), /nex instead of new/],
  ['an overwrite claimed', { t: 'old' }, { t: 'old' }, write('overwrite'), done('t'), /old instead of new/],
  ['a torn file', { t: 'old' }, { t: 'onw' }, write('overwrite'), unknown, /neither old nor new/],
  ['a lost file', { t: 'old' }, {}, write('overwrite'), failed(network({ effect: 'none' })), /t is gone/],
  ['no rollback', { t: 'old' }, {}, write('overwrite'), unknown, /nothing is at t/, { 'x.anydrive': 'old' }],
  [
    'a file moved away and stated as failed',
    { s: 'one' },
    { t: 'one' },
    move,
    failed(network({ effect: 'none' })),
    /s is gone/,
  ],
  ['a file at both ends', { s: 'one' }, { s: 'one', t: 'one' }, move, done('t'), /still there/],
  ['a file at both ends, in doubt', { s: 'one' }, { s: 'one', t: 'one' }, move, unknown, /at s and at its target/],
  ['a file lost on its way', { s: 'one' }, {}, move, unknown, /s is lost/],
  ['a move of what was never there', { t: 'x' }, { t: 'x' }, move, done('t'), /never there/],
  ['a bystander', { a: 'one' }, { t: 'dir' }, create(), done('t'), /a is gone/],
]
for (const [name, before, after, unit, stated, why, hidden] of contradicting)
  test(`${name} contradicts what was said`, () => {
    expect(judged(before, after, unit, stated, hidden)).toMatch(why)
  })
