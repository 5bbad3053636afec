// What the service sends, exactly, in its own spelling.
import * as t from 'io-ts'

export const Node = t.exact(
  t.intersection([
    t.type({ path: t.string, folder: t.boolean }),
    t.partial({ bytes: t.number, sha256: t.string, created: t.string, changed: t.string }),
  ]),
  'Node',
)
export type Node = t.TypeOf<typeof Node>

/** `next` is absent on the last page. */
export const Nodes = t.exact(t.intersection([t.type({ nodes: t.array(Node) }), t.partial({ next: t.string })]), 'Nodes')
export type Nodes = t.TypeOf<typeof Nodes>

/** One for each item, in the order of the request. */
export const Results = t.strict(
  { results: t.array(t.exact(t.partial({ path: t.string, code: t.string, at: t.string }))) },
  'Results',
)
export type Results = t.TypeOf<typeof Results>

export const ErrorBody = t.exact(
  t.intersection([t.type({ code: t.string }), t.partial({ message: t.string, at: t.string })]),
  'ErrorBody',
)
