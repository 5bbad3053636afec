// Lets exactly so many bytes through.
import { Transform } from 'node:stream'

/**
 * Fails on a source that is shorter or longer. The last chunk is held back until the source has ended, so of a source that
 * is too long the service never receives a complete body.
 */
export const exactLength = (size: number, onWrong: (reason: 'shorter' | 'longer') => void): Transform => {
  let passed = 0
  let last: Buffer | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed > size) {
        onWrong('longer')
        done(new Error('the source is longer than its declared size'))
      } else if (passed === size && chunk.length > 0) {
        last = chunk
        done()
      } else done(null, chunk)
    },
    flush(done) {
      if (passed === size) done(null, last)
      else {
        onWrong('shorter')
        done(new Error('the source is shorter than its declared size'))
      }
    },
  })
}
