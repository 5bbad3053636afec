// A vendor's naming rules, checked for names that an operation would create.
import type { Naming } from '../contract/capabilities'
import { invalidPath, limitExceeded, type Fault } from '../contract/errors'
import { nameOf, segments, type DrivePath } from '../contract/path'

/** In the unit that the rules count in. */
export const nameLength = (text: string, unit: Naming['lengthUnit']): number => {
  if (unit === 'bytes') return Buffer.byteLength(text)
  return unit === 'utf16' ? text.length : Array.from(text).length
}

const edgeFault = (naming: Naming, name: string): Fault<'InvalidPath'> | undefined => {
  const points = Array.from(name)
  const [first, last] = [points[0] ?? '', points.at(-1) ?? '']
  if (first !== '' && naming.forbiddenFirst?.includes(first) === true)
    return invalidPath({ reason: `a name may not begin with ${JSON.stringify(first)}` })
  return last !== '' && naming.forbiddenLast?.includes(last) === true
    ? invalidPath({ reason: `a name may not end with ${JSON.stringify(last)}` })
    : undefined
}

/** What the vendor would refuse about one name: its length, then its characters, then the name as a whole. */
export const nameFault = (naming: Naming, name: string): Fault<'InvalidPath' | 'LimitExceeded'> | undefined => {
  if (nameLength(name, naming.lengthUnit) > naming.maxLength)
    return limitExceeded({ limit: 'name', max: naming.maxLength })
  const refused = Array.from(name).find((c) => naming.forbidden.includes(c))
  if (refused !== undefined) return invalidPath({ reason: `a name may not hold ${JSON.stringify(refused)}` })
  return naming.reserved.includes(name)
    ? invalidPath({ reason: `the name ${JSON.stringify(name)} is reserved` })
    : edgeFault(naming, name)
}

/** What the vendor would refuse about the last name of this path, its depth or its length; older names above it are not judged. */
export const namingFault = (naming: Naming, path: DrivePath, kind: 'directory' | 'file'): Fault | undefined => {
  const wrong = nameFault(naming, nameOf(path))
  if (wrong !== undefined) return wrong
  const levels = segments(path).length - (kind === 'file' ? 1 : 0)
  if (naming.maxDepth !== undefined && levels > naming.maxDepth)
    return limitExceeded({ limit: 'depth', max: naming.maxDepth })
  if (naming.maxPath !== undefined && nameLength(path, naming.lengthUnit) > naming.maxPath)
    return limitExceeded({ limit: 'path', max: naming.maxPath })
  return undefined
}
