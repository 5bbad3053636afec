/* global expect */
// Compares bytes as bytes: expect looks at each one as at a property of an object, which takes seconds for a megabyte.
const bytes = (a, b) =>
  a instanceof Uint8Array && b instanceof Uint8Array && a.constructor === b.constructor
    ? Buffer.compare(a, b) === 0
    : undefined
expect.addEqualityTesters([bytes])
