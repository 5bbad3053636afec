// A share of `npm run fuzz`: mutated responses of each service, in processes of their own, give values or typed errors.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

interface Found {
  readonly adapter: string
  readonly responses: number
  readonly values: number
  readonly wrong: ReadonlyArray<string>
}

const fuzz = (adapter: string, responses: number, seed: number): Promise<Found> =>
  new Promise((resolve, reject) => {
    const tool = join(__dirname, '..', '..', '..', 'tools', 'fuzz.mjs')
    const child = spawn(process.execPath, [tool, String(responses), String(seed), adapter], { stdio: 'pipe' })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.once('error', reject).once('close', () => resolve(JSON.parse(out) as Found))
  })

test.each(['tencent-smh', 'koodrive', 'webdav'])('%s', async (adapter) => {
  const found = await fuzz(adapter, 150, 20)
  expect(found).toMatchObject({ adapter, wrong: [] })
  expect(found.responses).toBeGreaterThanOrEqual(150)
  expect(found.values).toBeGreaterThan(20)
})
