// Which space a drive opens where the settings do not name its id, how full it is, and which spaces exist.
import type { Usage } from '@anydrive/core'
import { defined, notFound, type RawResult } from '@anydrive/core/adapter'
import { singleFlight, type Failure } from '@anydrive/kit'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Api } from './api'
import type { Complete } from './settings'
import { rootIdOf } from './translate'
import type { Space, Team } from './wire'

type Signal = AbortSignal
type Settled<A> = Promise<E.Either<Failure, A>>

/** A space that the caller may open, with the settings that open it. */
export interface KnownSpace {
  readonly containerId: string
  readonly kind: 'personal' | 'department' | 'group' | 'team'
  /** The user, department or group that it belongs to. */
  readonly ownerId?: string
  readonly name?: string
}

const kinds: ReadonlyMap<string, KnownSpace['kind']> = new Map([
  ['0', 'department'],
  ['1', 'personal'],
  ['2', 'group'],
] as const)
const kindOf = (type = ''): KnownSpace['kind'] => kinds.get(type) ?? 'team'
const typeOf = { department: 0, group: 2 } as const
const bytesPerGb = 1024 ** 3
const teamsPerPage = 100

const toKnown = (space: Space): KnownSpace => ({
  containerId: space.containerId,
  kind: kindOf(space.type),
  ...defined({ ownerId: space.ownerId }),
})

const teamSpace = ({ id, name, containerId }: Team): ReadonlyArray<KnownSpace> =>
  containerId === undefined ? [] : [{ containerId, kind: 'team', ownerId: id, ...defined({ name }) }]

type SpacesApi = Pick<Api, 'spacesOf' | 'spaceOf' | 'spaceOfContainer' | 'teams'>

export const createSpaces = (settings: Complete, api: SpacesApi) => {
  const flight = singleFlight<Space>()
  let own: Space | undefined
  const userId = settings.auth.kind === 'app' ? settings.auth.userId : settings.userId
  const { space } = settings

  /** As the service describes it. */
  const described =
    (signal: Signal): RawResult<Space> =>
    async () => {
      if (space.kind === 'personal' && settings.containerId === undefined) {
        if (userId === undefined)
          return E.left(notFound({ what: 'space', said: 'the settings name neither a containerId nor a userId' }))
        const all = await api.spacesOf(userId, signal)()
        if (E.isLeft(all)) return all
        const found = all.right.data.find(({ type, ownerId }) => type === '1' && (ownerId ?? userId) === userId)
        return found === undefined ? E.left(notFound({ what: 'space' })) : E.right(found)
      }
      const one =
        space.kind === 'team'
          ? api.spaceOf(space.groupId, typeOf[space.teamType], signal)
          : userId === undefined
            ? api.spaceOfContainer(settings.containerId ?? '', signal)
            : api.spaceOf(userId, 1, signal)
      const answered = await one()
      return E.isLeft(answered) ? answered : E.right(answered.right.data)
    }

  const containerId =
    (signal: Signal): RawResult<string> =>
    async () => {
      if (settings.containerId !== undefined) return E.right(settings.containerId)
      const found = own === undefined ? await flight('space', signal, described)() : E.right(own)
      if (E.isLeft(found)) return found
      own = found.right
      return E.right(own.containerId)
    }

  const teams = async (signal: Signal): Settled<ReadonlyArray<KnownSpace>> => {
    const found: Array<KnownSpace> = []
    for (let offset = 0; ; offset += teamsPerPage) {
      const page = await api.teams({ offset, limit: teamsPerPage }, signal)()
      if (E.isLeft(page)) return page
      found.push(...page.right.teams.flatMap(teamSpace))
      const { total = 0, teams: some } = page.right
      if (some.length === 0 || offset + teamsPerPage >= total) return E.right(found)
    }
  }

  return {
    containerId,
    /** The long id of the space's root: as a response showed it, else in its documented shape. */
    rootId: (seen: string | undefined, signal: Signal): RawResult<string> =>
      seen !== undefined
        ? TE.right(seen)
        : pipe(
            containerId(signal),
            TE.map((id) => own?.bizRootFileId ?? rootIdOf(id)),
          ),
    usage: (signal: Signal): RawResult<Usage> =>
      pipe(
        described(signal),
        TE.map(({ spaceUsed, capacity }) => {
          const unit = settings.capacityUnit === 'GB' ? bytesPerGb : 1
          return defined({ used: spaceUsed, capacity: capacity === undefined ? undefined : capacity * unit })
        }),
      ),
    /** The user's own spaces, where the user is known, and the team spaces that the caller sees. */
    list:
      (signal: Signal): RawResult<ReadonlyArray<KnownSpace>> =>
      async () => {
        const mine = userId === undefined ? E.right({ data: [] }) : await api.spacesOf(userId, signal)()
        if (E.isLeft(mine)) return mine
        const joined = await teams(signal)
        if (E.isLeft(joined)) return joined
        // Each space once, one of the user's own as such.
        const all = [...joined.right, ...mine.right.data.map(toKnown)]
        return E.right([...new Map(all.map((one) => [one.containerId, one] as const)).values()])
      },
  }
}
export type Spaces = ReturnType<typeof createSpaces>
