// Stores the renewed tokens of sessions in files of the user, so that commands share them.
import { reveal, secret, type SessionTokens, type TokenStore } from '@anydrive/core'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Io } from './io'
import { isRecord } from './json-text'
import { withLock, writePrivately } from './private-file'
import { userDirectory } from './user-directory'

const read = async (file: string): Promise<SessionTokens | undefined> => {
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (!isRecord(stored)) return undefined
    const { accessToken, refreshToken } = stored
    if (typeof accessToken !== 'string') return undefined
    return {
      accessToken: secret(accessToken),
      ...(typeof refreshToken === 'string' ? { refreshToken: secret(refreshToken) } : {}),
    }
  } catch {
    return undefined
  }
}

const textOf = ({ accessToken, refreshToken }: SessionTokens): string =>
  JSON.stringify({
    accessToken: reveal(accessToken),
    ...(refreshToken === undefined ? {} : { refreshToken: reveal(refreshToken) }),
  })

/** In the state directory of the user; undefined where there is none. */
export const tokenStore = (env: Io['env']): TokenStore | undefined => {
  const directory = userDirectory('state', env)
  if (directory === undefined) return undefined
  const fileOf = (key: string): string => join(directory, 'tokens', `${key}.json`)
  return {
    read: (key) => read(fileOf(key)),
    update: (key, signal, renew) => {
      const file = fileOf(key)
      return withLock(file, signal, async () => {
        const renewed = await renew(await read(file))
        if (renewed !== undefined) writePrivately(file, textOf(renewed))
      })
    },
  }
}
