// The contract, law by law, held to a directory of this machine.
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

conformance({ describe, test }, { capabilities: open().capabilities, open })
