// Identifiers in the shapes that the vendor's examples show (docs/wire/koodrive.md, Identifiers and formats).
import { type Random } from '../common/random'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const pick = (random: Random, alphabet: string, length: number): string => {
  const codes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) codes[index] = alphabet.charCodeAt(random.below(alphabet.length))
  return String.fromCharCode(...codes)
}

export const newFileId = (random: Random): string => `F${pick(random, letters, 32)}`

export const newContainerId = (random: Random): string => `IAA${pick(random, letters, 44)}`

/** The space's own root, which is not the folder that users see. */
export const newSpaceRootId = (random: Random): string => `H${pick(random, letters, 32)}`

export const newDecimalId = (random: Random, digits: number): string =>
  pick(random, '123456789', 1) + pick(random, '0123456789', digits - 1)

export const newUploadId = (random: Random): string => pick(random, '0123456789ABCDEF', 32)

export const newObjectKey = (random: Random): string => pick(random, '0123456789abcdef', 35)

export const newToken = (random: Random): string => pick(random, '0123456789abcdef', 48)

export const rootId = (containerId: string): string => `DEUI7pa0C24Aroot${containerId}`

export const safeBoxId = (containerId: string): string => `DEUI7pa0C24Asbox${containerId}`
