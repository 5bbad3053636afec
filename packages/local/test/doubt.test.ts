// Laws of files that another program changes meanwhile. There is no connection that could be lost, so the rest does not apply.
import { conformance, laws } from '@anydrive/conformance'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocal } from '../src'

const root = mkdtempSync(join(tmpdir(), 'anydrive-local-'))
const open = () => openLocal({ root, fsync: false })
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

conformance(
  { describe, test },
  {
    capabilities: open().capabilities,
    open,
    hooks: { changeFile: (path, content) => writeFile(join(root, path), content) },
  },
  { laws: laws.filter(({ needsHooks }) => needsHooks !== undefined) },
)
