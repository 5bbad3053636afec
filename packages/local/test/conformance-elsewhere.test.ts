// The same laws where open directories cannot be named, so that every component of a path is looked at instead.
import './as-darwin'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conformance } from '@anydrive/conformance'
import { openLocal } from '../src'

const root = mkdtempSync(join(tmpdir(), 'anydrive-local-'))
const open = () => openLocal({ root, fsync: false })
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

test('the platform is another one', () => {
  expect(open().capabilities.naming.case).toBe('unknown')
})

conformance({ describe, test }, { capabilities: open().capabilities, open })
