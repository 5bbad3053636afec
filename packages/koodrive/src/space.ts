// Which space a drive is, where the settings do not say it by its id; how full it is; which spaces there are.
import { notFound, type Answered, type Usage } from '@anydrive/core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { SpaceApi } from './api'
import { createFlights } from './flights'
import type { Complete } from './settings'
import { rootIdOf } from './translate'
import type { Space, Team } from './wire'

type Signal = AbortSignal

/** A space that the caller may open: the settings that open it. */
export interface KnownSpace {
  readonly containerId: string
  readonly kind: 'personal' | 'department' | 'group' | 'team'
  /** The user, department or group that it belongs to. */
  readonly ownerId?: string
  readonly name?: string
}

export interface Spaces {
  readonly containerId: (signal: Signal) => Answered<string>
  /** The long id of the space's root: as it was told, else in its documented shape. */
  readonly rootId: (seen: string | undefined, signal: Signal) => Answered<string>
  readonly usage: (signal: Signal) => Answered<Usage>
  /** The user's own spaces, where the user is known, and the team spaces that the caller sees. */
  readonly list: (signal: Signal) => Answered<ReadonlyArray<KnownSpace>>
}

const kinds: Readonly<Record<string, KnownSpace['kind']>> = { 0: 'department', 1: 'personal', 2: 'group' }
const kindOf = (type = ''): KnownSpace['kind'] => kinds[type] ?? 'team'
const typeOf = { department: 0, group: 2 } as const
const bytesPerGb = 1024 ** 3
const teamsPerPage = 100

const toKnown = (space: Space): KnownSpace => ({
  containerId: space.containerId,
  kind: kindOf(space.type),
  ...(space.ownerId === undefined ? {} : { ownerId: space.ownerId }),
})

const teamSpace = ({ id, name, containerId }: Team): ReadonlyArray<KnownSpace> =>
  containerId === undefined ? [] : [{ containerId, kind: 'team', ownerId: id, ...(name === undefined ? {} : { name }) }]

export const createSpaces = (settings: Complete, api: SpaceApi): Spaces => {
  const flights = createFlights<Space>()
  let own: Space | undefined
  const userId = settings.auth.kind === 'app' ? settings.auth.userId : settings.userId
  const { space } = settings

  /** As the service tells of it. */
  const described = (signal: Signal): Answered<Space> => {
    if (space.kind === 'team')
      return pipe(
        api.spaceOf(space.groupId, typeOf[space.teamType], signal),
        TE.map(({ data }) => data),
      )
    if (settings.containerId !== undefined)
      return pipe(
        userId === undefined ? api.spaceOfContainer(settings.containerId, signal) : api.spaceOf(userId, 1, signal),
        TE.map(({ data }) => data),
      )
    if (userId === undefined)
      return TE.left(notFound({ what: 'space', said: 'the settings name neither a containerId nor a userId' }))
    return pipe(
      api.spacesOf(userId, signal),
      TE.flatMapEither(({ data }) => {
        const found = data.find(({ type, ownerId }) => type === '1' && (ownerId ?? userId) === userId)
        return found === undefined ? E.left(notFound({ what: 'space' })) : E.right(found)
      }),
    )
  }

  const resolved = (signal: Signal): Answered<Space> =>
    own !== undefined
      ? TE.right(own)
      : pipe(
          flights.join('space', signal, described),
          TE.map((found) => (own = found)),
        )

  const containerId: Spaces['containerId'] = (signal) =>
    settings.containerId !== undefined
      ? TE.right(settings.containerId)
      : pipe(
          resolved(signal),
          TE.map((found) => found.containerId),
        )

  const teams =
    (signal: Signal): Answered<ReadonlyArray<KnownSpace>> =>
    async () => {
      const found = new Map<string, KnownSpace>()
      for (let offset = 0; ; offset += teamsPerPage) {
        const page = await api.teams({ offset, limit: teamsPerPage }, signal)()
        if (E.isLeft(page)) return page
        for (const team of page.right.teams.flatMap(teamSpace)) found.set(team.containerId, team)
        const { total = 0, teams: some } = page.right
        if (some.length === 0 || offset + teamsPerPage >= total) return E.right([...found.values()])
      }
    }

  return {
    containerId,
    rootId: (seen, signal) =>
      seen !== undefined
        ? TE.right(seen)
        : pipe(
            containerId(signal),
            TE.map((id) => own?.bizRootFileId ?? rootIdOf(id)),
          ),
    usage: (signal) =>
      pipe(
        described(signal),
        TE.map(({ spaceUsed, capacity }) => {
          const unit = settings.capacityUnit === 'GB' ? bytesPerGb : 1
          return {
            ...(spaceUsed === undefined ? {} : { used: spaceUsed }),
            ...(capacity === undefined ? {} : { capacity: capacity * unit }),
          }
        }),
      ),
    list: (signal) => async () => {
      const own = userId === undefined ? E.right({ data: [] }) : await api.spacesOf(userId, signal)()
      if (E.isLeft(own)) return own
      const joined = await teams(signal)()
      const mine = own.right.data.map(toKnown)
      const seen = new Set(mine.map((one) => one.containerId))
      return E.map((others: ReadonlyArray<KnownSpace>) => [
        ...mine,
        ...others.filter((one) => !seen.has(one.containerId)),
      ])(joined)
    },
  }
}
