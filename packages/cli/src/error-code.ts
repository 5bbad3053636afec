// The codes of errors of the file system and of processes, such as ENOENT.

export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined

/** For the end of a message: ` (ENOENT)`, or nothing. */
export const codeText = (error: unknown): string => {
  const code = codeOf(error)
  return code === undefined ? '' : ` (${code})`
}
