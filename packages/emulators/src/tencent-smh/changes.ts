// The change feed of a space: what happened, in order (docs/wire/tencent-smh.md, change feed).
import { pathOf, type Node } from './nodes'
import { type Change, type ChangeType } from './records'
import { type Space, type World } from './world'

const kept = 100_000

/** To be called after the change, and of what goes, before. */
export const recordChange = (world: World, space: Space, eventType: ChangeType, node: Node | undefined): void => {
  if (!world.behaviour.changeFeed || node === undefined) return
  const change: Change = {
    id: world.nextNumber('change'),
    libraryId: space.library.id,
    spaceId: space.id,
    eventType,
    at: world.now(),
    inode: node.inode,
    parentInode: node.parent?.inode ?? '',
    name: node.name,
    type: node.kind,
    path: pathOf(node),
  }
  world.changes.push(change)
  world.stage.journal.put('change', String(change.id), () => change)
  if (world.changes.length < 2 * kept) return
  for (const { id } of world.changes.splice(0, kept)) world.stage.journal.remove('change', String(id))
}
