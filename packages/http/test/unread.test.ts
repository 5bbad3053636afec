// A stream that fails before anyone reads it keeps its failure for the reader, and does not end the process.
import type { ServerResponse } from 'node:http'
import { axiosHttp, FaultError, type HttpSettings } from '../src'
import { ask, rightOf } from './requests'
import { bodyOf, servers } from './server'

const serve = servers()

const failures: ReadonlyArray<readonly [string, HttpSettings, object, (response: ServerResponse) => void]> = [
  ['whose connection is reset', {}, { _tag: 'Network' }, (response) => void response.destroy()],
  ['that stalls', { idleTimeout: 1000 }, { _tag: 'Timeout' }, () => undefined],
]

test.each(failures)('a stream %s', async (_, settings, fault, fail) => {
  const { base } = await serve((__, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('part', () => fail(response))
  })
  const { stream } = await rightOf(axiosHttp(settings)(ask({ base, answer: 'stream' })))
  if (stream === undefined) throw new Error('a stream was expected')
  await new Promise((resolve) => stream.once('close', resolve))
  const error: unknown = await bodyOf(stream).catch((u: unknown) => u)
  expect(error).toBeInstanceOf(FaultError)
  expect((error as FaultError).fault).toMatchObject(fault)
})
