// Free names, as vendors derive them from a taken one.

/** Whether `name` may be a free name derived from `wanted`: it keeps the beginning and the extension. */
export const isDerivedName = (wanted: string, name: string): boolean => {
  const dot = wanted.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
  return name.startsWith(stem) && name.endsWith(extension) && name !== wanted
}
