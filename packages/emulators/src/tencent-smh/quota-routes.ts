// Quotas and usage (docs/wire/tencent-smh.md, quota and usage).
import { empty, json, type Route } from '../common'
import { isAdmin, mayUse, needAdmin } from './access'
import { fail } from './errors'
import { libraryRoute, ok, type LibraryContext, type Operation } from './operation'
import { quotaOf, spaceLeft } from './placing'
import { type Quota } from './records'
import { type Library, type World } from './world'

const capacityOf = (value: unknown): number => {
  if (value === undefined) return fail('QuotaCapacityRequired')
  const capacity = Number(value)
  return Number.isSafeInteger(capacity) && capacity >= 0 ? capacity : fail('ParamInvalid', '"capacity" is not a size.')
}

const save = ({ world, library }: LibraryContext, quota: Quota): void => {
  library.quotas.set(quota.id, quota)
  world.save.quota(library, quota)
}

const shape = {
  spaces: 'strings?',
  capacity: 'any?',
  removeWhenExceed: 'boolean?',
  removeAfterDays: 'integer?',
  removeNewest: 'boolean?',
} as const

const spacesFrom = (library: Library, value: unknown): ReadonlyArray<string> => {
  const spaces = Array.isArray(value) ? value.map(String) : []
  if (library.multiSpace !== spaces.length > 0) return fail('QuotaSpacesInvalid')
  for (const id of spaces) if (!library.spaces.has(id)) fail('SpaceNotFound')
  return spaces
}

const create: Operation<LibraryContext> = {
  name: 'createQuota',
  body: { ...shape, removeWhenExceed: 'boolean', removeAfterDays: 'integer' },
  handle: (context) => {
    const { world, access, library, body } = context
    needAdmin(access)
    const { spaces: given, capacity, ...rest } = body
    const spaces = spacesFrom(library, given)
    const taken = [...library.spaces.values()].some(
      (space) => (spaces.length === 0 || spaces.includes(space.id)) && quotaOf(space) !== undefined,
    )
    if (taken) fail('DuplicateQuota')
    const quota: Quota = { id: world.nextNumber('quota'), spaces, capacity: capacityOf(capacity), rest }
    save(context, quota)
    return json(201, { quotaId: quota.id })
  },
}

/** One URL for a space's id and a quota's. */
const named = ({ library, call }: LibraryContext): { readonly quota: Quota; readonly bySpace: boolean } => {
  const name = call.params['name'] ?? ''
  const space = library.spaces.get(name)
  if (space !== undefined) return { quota: quotaOf(space) ?? fail('NoQuota'), bySpace: true }
  return { quota: library.quotas.get(Number(name)) ?? fail('QuotaNotFound'), bySpace: false }
}

const read: Operation<LibraryContext> = {
  name: 'readQuota',
  handle: (context) => {
    const { quota, bySpace } = named(context)
    const capacity = String(quota.capacity)
    return ok(bySpace ? { id: quota.id, capacity } : { spaces: quota.spaces, capacity, ...quota.rest })
  },
}

const update: Operation<LibraryContext> = {
  name: 'updateQuota',
  body: shape,
  handle: (context) => {
    needAdmin(context.access)
    const { quota } = named(context)
    const { capacity, spaces: _, ...rest } = context.body
    save(context, {
      ...quota,
      ...(capacity === undefined ? {} : { capacity: capacityOf(capacity) }),
      rest: { ...quota.rest, ...rest },
    })
    return empty(204)
  },
}

const usageOfSpaces: Operation<LibraryContext> = {
  name: 'spaceUsage',
  handle: ({ access, library, call }) => {
    const ids = (call.params['name'] ?? '').split(',').filter((id) => id !== '')
    const rows = ids.map((id) => {
      const space = library.spaces.get(id) ?? fail('SpaceNotFound')
      if (!mayUse(access, space)) fail('AccessTokenNotMatchSpace')
      needAdmin(access, 'space_admin')
      const quota = quotaOf(space)
      const left = spaceLeft(space)
      return {
        spaceId: id,
        capacity: quota === undefined ? null : String(quota.capacity),
        availableSpace: left === undefined ? null : String(Math.max(0, left)),
        size: String(space.used),
      }
    })
    return ok(rows)
  },
}

const usageOfLibrary: Operation<LibraryContext> = {
  name: 'libraryUsage',
  handle: ({ access, library }) => {
    if (!isAdmin(access)) fail('NoPermission')
    const total = [...library.spaces.values()].reduce((sum, space) => sum + space.used, 0)
    return ok({ totalFileSize: String(total) })
  },
}

export const quotaRoutes = (world: World): ReadonlyArray<Route> => [
  libraryRoute(world, 'POST', '/api/v1/quota/:library', () => create),
  libraryRoute(world, 'GET', '/api/v1/quota/:library/:name', () => read),
  libraryRoute(world, 'PUT', '/api/v1/quota/:library/:name', () => update),
  libraryRoute(world, 'GET', '/api/v1/space-quota/:library/:name', () => read),
  libraryRoute(world, 'GET', '/api/v1/usage/:library/:name', () => usageOfSpaces),
  libraryRoute(world, 'GET', '/api/v1/usage/:library', () => usageOfLibrary),
]
