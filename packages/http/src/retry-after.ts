// The Retry-After header, in both its forms.
import { dateIn } from '@anydrive/kit'
import type { HttpResponse } from './request'

/** Milliseconds from `now`; `undefined` where the header is absent or means nothing. */
export const retryAfter = (response: Pick<HttpResponse, 'header'>, now: number): number | undefined => {
  const value = response.header('retry-after')?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000)
  const at = dateIn(value)
  return at === undefined ? undefined : Math.max(0, at.getTime() - now)
}
