// What a migration between two drives would lose, by their capabilities.
import { defineCapabilities } from '@anydrive/core/adapter'
import { compareCapabilities } from '../src'

const capabilities = defineCapabilities({
  naming: { maxLength: 8, lengthUnit: 'codepoints', forbidden: '*', case: 'sensitive', normalisation: 'as-is' },
  limits: { page: 3, fileSize: 1000 },
})

test('tells what the destination does not permit', () => {
  const wide = {
    ...capabilities,
    naming: { ...capabilities.naming, maxLength: 255, forbidden: '' },
    limits: { page: 3, batch: 2 },
  }
  expect(compareCapabilities(wide, capabilities).map((loss) => loss.feature)).toEqual([
    'naming.maxLength',
    'naming.forbidden',
    'limits.fileSize',
  ])
  expect(compareCapabilities(capabilities, wide)).toEqual([])
  expect(compareCapabilities(capabilities, capabilities)).toEqual([])
})

test('tells which characters are refused at the ends of a name', () => {
  const strict = { ...capabilities, naming: { ...capabilities.naming, forbiddenFirst: ' ', forbiddenLast: ' .*' } }
  expect(compareCapabilities(capabilities, strict)).toEqual([
    { feature: 'naming.forbiddenFirst', source: 'allowed', destination: ' ' },
    { feature: 'naming.forbiddenLast', source: 'allowed', destination: ' .' },
  ])
})

test('tells which times, checksums and features do not arrive', () => {
  const rich = defineCapabilities({
    ...capabilities,
    checksums: { given: ['sha256', 'md5'], checked: [] },
    times: {
      directory: { createdAt: 'none', modifiedAt: 'kept' },
      file: { createdAt: 'vendor', modifiedAt: 'kept' },
    },
    features: { etags: true, trash: true },
  })
  expect(compareCapabilities(rich, capabilities)).toEqual([
    { feature: 'checksums.given', source: 'sha256, md5', destination: 'none' },
    { feature: 'times.directory.modifiedAt', source: 'kept', destination: 'none' },
    { feature: 'times.file.createdAt', source: 'vendor', destination: 'none' },
    { feature: 'times.file.modifiedAt', source: 'kept', destination: 'none' },
    { feature: 'features.etags', source: 'yes', destination: 'no' },
    { feature: 'features.trash', source: 'yes', destination: 'no' },
  ])
  // A time that the service sets itself does not arrive even at a drive of the same kind.
  expect(compareCapabilities(rich, rich).map((loss) => loss.feature)).toEqual(['times.file.createdAt'])
})
