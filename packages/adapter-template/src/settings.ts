// The settings of a Box drive, as they are written in `anydrive.json`.
import { Secret } from '@anydrive/core'
import { HttpSettings } from '@anydrive/http'
import { HttpUrl } from '@anydrive/kit'
import * as t from 'io-ts'

export const BoxSettings = t.exact(
  t.intersection([
    t.type({
      /** Where the service is reached, without a query. */
      url: HttpUrl,
      /** The token of the account. */
      token: Secret,
    }),
    t.partial({
      /** The transport: time-outs, concurrency, attempts. */
      http: HttpSettings,
    }),
  ]),
  'BoxSettings',
)
export type BoxSettings = t.TypeOf<typeof BoxSettings>

/** What `openBox` takes: secrets may be plain strings. */
export type BoxInput = Omit<BoxSettings, 'token'> & {
  /** The token of the account. */
  readonly token: Secret | string
}
