// A change that failed: plain where it is about a URL of the request, multistatus where it is about another.
import { isInside, type DriveError, type DrivePath } from '@anydrive/core'
import { messageOf, replyOf, statusOfError } from './faults'
import { hrefIn, type Exchange } from './gateway'
import { multistatus } from './multistatus'
import type { Reply } from './reply'

/** Drives tell the root of what failed, and where a copy stopped half-way what stands of it. */
const placeOf = (error: DriveError): DrivePath | undefined => {
  if (error._tag === 'TaskFailed' && error.partial !== undefined) return error.partial
  if ((error._tag === 'NotFound' || error._tag === 'WrongKind') && error.at !== undefined) return error.at
  return error.path
}

const told = (exchange: Exchange, place: DrivePath, status: number, said: string): Reply =>
  multistatus([{ href: hrefIn(exchange.gateway, { path: place, kind: 'file' }), status, said }])

/** `own`: the paths that the request names. What stopped half-way is multistatus in every case, as a part of it stands. */
export const failure = (
  exchange: Exchange,
  error: DriveError,
  own: ReadonlyArray<DrivePath>,
  status = statusOfError(error),
): Reply => {
  const place = placeOf(error)
  if (error._tag === 'TaskFailed')
    return told(exchange, place ?? exchange.path, status, messageOf(exchange.gateway, error))
  const inside = place !== undefined && !own.includes(place) && own.some((path) => isInside(path, place))
  return inside
    ? told(exchange, place, status, messageOf(exchange.gateway, error))
    : replyOf(exchange.gateway, error, status)
}
