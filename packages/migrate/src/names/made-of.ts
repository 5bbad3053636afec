// Free names, as vendors make them.

/** A free name made of this one keeps its beginning and its extension. */
export const isMadeOf = (wanted: string, name: string): boolean => {
  const dot = wanted.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
  return name.startsWith(stem) && name.endsWith(extension) && name !== wanted
}
