// What the drive says after a fault is true, on the public service.
import { checkDoubt } from '@anydrive/conformance'
import { doubtSubject, doubtTable } from './doubt-table'

doubtTable('public')

// Where a library keeps versions, SMH moves no file in place of another, so the other calls run without.
describe('in a library that keeps versions', () => {
  const subject = doubtSubject('public', true)
  test('restoreVersion says what is true', () => checkDoubt(subject, { operations: ['restoreVersion'] }))
})
