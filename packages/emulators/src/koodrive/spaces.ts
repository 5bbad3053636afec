// Spaces, and who may do what in them.
import { Refusal } from './errors'

export type SpaceKind = 'personal' | 'department' | 'group'

export type Access = 'read' | 'write'

export type Member = Readonly<{ userId: string; access: Access }>

export type Space = Readonly<{
  /** The drive's name in the start result's `configuration`. */
  drive: string
  kind: SpaceKind
  /** User, department or group. */
  ownerId: string
  containerId: string
  /** The space's own root, not the folder that users see. */
  spaceRootId: string
  title: string
  capacityGb: number
  quotaBytes: number
  active: boolean
  members: ReadonlyArray<Member>
}>

/** The vendor's number of a kind: in `type`, `containerType`, and for teams in `team_type`. */
export const typeOf = (kind: SpaceKind): 0 | 1 | 2 => (kind === 'department' ? 0 : kind === 'personal' ? 1 : 2)

const accessOf = (space: Space, userId: string): Access | undefined =>
  space.kind === 'personal'
    ? space.ownerId === userId
      ? 'write'
      : undefined
    : space.members.find((member) => member.userId === userId)?.access

export class Spaces {
  readonly #byContainer: ReadonlyMap<string, Space>

  constructor(spaces: ReadonlyArray<Space>) {
    this.#byContainer = new Map(spaces.map((space) => [space.containerId, space]))
  }

  all(): ReadonlyArray<Space> {
    return [...this.#byContainer.values()]
  }

  get(containerId: string): Space | undefined {
    return this.#byContainer.get(containerId)
  }

  /** The space, if the user may do this in it. */
  enter(containerId: string, userId: string, access: Access): Space {
    const space = this.#byContainer.get(containerId)
    if (space === undefined) throw new Refusal('spaceNotFound')
    const allowed = accessOf(space, userId)
    if (allowed === undefined || (access === 'write' && allowed === 'read')) throw new Refusal('noPermission')
    if (!space.active) throw new Refusal('spaceInactive')
    return space
  }

  /** The spaces that a user may read, own before joined. */
  visibleTo(userId: string): ReadonlyArray<Space> {
    return this.all().filter((space) => accessOf(space, userId) !== undefined)
  }
}
