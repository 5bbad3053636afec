// What statuses and evidence mean, in plain English; runs in the page as well.

const algorithms: { readonly [name: string]: string } = {
  sha256: 'SHA-256',
  sha1: 'SHA-1',
  md5: 'MD5',
  crc64xz: 'CRC-64/XZ',
}
const algorithmText = (name: string): string => algorithms[name] ?? name

const descriptions: { readonly [name: string]: string } = {
  sha256: 'a fingerprint that nobody can make match by accident or on purpose',
  sha1: 'a fingerprint that does not match by accident',
  md5: 'a fingerprint that does not match by accident',
  crc64xz: 'a 64-bit check number, which finds what goes wrong by accident on the way',
}

export interface Meaning {
  readonly name: string
  readonly meaning: string
  /** The smaller, the stronger the evidence. */
  readonly rank: number
}

/** Of the target. */
export const evidenceOf = (evidence: string): Meaning => {
  const [how = '', algorithm = ''] = evidence.split(':')
  const description = descriptions[algorithm]
  const given = description === undefined ? '' : ` It is ${description}.`
  switch (how) {
    case 'read-back':
      return {
        name: 'Read back',
        meaning:
          'After it was written, the file was read from the target again; what came back is what left the source.',
        rank: 0,
      }
    case 'checksum':
      return {
        name: `Checksum ${algorithmText(algorithm)}`,
        meaning: `The target reports the checksum of what it stores. It is that of the bytes read from the source.${given}`,
        rank: 1,
      }
    case 'vendor-checked':
      return {
        name: `Target checked ${algorithmText(algorithm)}`,
        meaning: `The target was given the checksum beforehand and accepted the file, which it refuses where the two differ.${given}`,
        rank: 2,
      }
    case 'size':
      return {
        name: 'Size only',
        meaning: 'The file at the target is as long as the one at the source. Its content was not compared.',
        rank: 3,
      }
    default:
      return { name: evidence === '' ? 'None' : evidence, meaning: '', rank: 4 }
  }
}

/** Of the source. */
export const departureOf = (departure: string): Meaning =>
  departure === 'none' || departure === ''
    ? {
        name: 'No checksum',
        meaning:
          'The source reports no checksum: it is known that as many bytes were read as the file is long, and that no reading failed.',
        rank: 1,
      }
    : {
        name: algorithmText(departure),
        meaning: `The bytes that were read have the ${algorithmText(departure)} checksum that the source reports of the file.`,
        rank: 0,
      }

const statuses: { readonly [status: string]: string } = {
  carried: 'arrived',
  made: 'created',
  merged: 'already existed',
  skipped: 'kept at the target',
  other: 'skipped',
  failed: 'failed',
  blocked: 'blocked',
  pending: 'unfinished',
}
export const statusText = (status: string): string => statuses[status] ?? status

const names: { readonly [how: string]: string } = { renamed: 'under a free name', encoded: 'renamed for the target' }
export const howText = (how: string): string => names[how] ?? 'as asked'
