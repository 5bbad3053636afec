// Options of the command line as options of an emulator.
import type { KooDriveOptions, TencentSmhOptions } from '@anydrive/emulators'
import * as E from 'fp-ts/Either'
import { usage, type Problem } from './problem'

export const deployments = ['public', 'private'] as const
type Deployment = (typeof deployments)[number]

export interface Wanted {
  readonly library?: string
  readonly secret?: string
  readonly space?: ReadonlyArray<string>
  readonly token?: string
  readonly deployment?: Deployment
}
type Given = Readonly<Record<string, unknown>>

const isAsked = (wanted: Wanted): boolean =>
  [wanted.library, wanted.secret, wanted.space, wanted.token].some((value) => value !== undefined)

const twice = (what: string): E.Either<Problem, never> =>
  E.left(usage(`the file of --config already has ${what}`, 'Give it in the file or on the command line, not in both.'))

/** `config`: `libraries` and `behaviour`. */
export const emulatedSmh = (
  wanted: Wanted,
  { behaviour, ...config }: Given,
): E.Either<
  Problem,
  Pick<TencentSmhOptions, 'config' | 'deployment'> & { readonly behaviour: NonNullable<TencentSmhOptions['behaviour']> }
> => {
  const { deployment } = wanted
  const knobs = (behaviour ?? {}) as NonNullable<TencentSmhOptions['behaviour']>
  if (!isAsked(wanted)) return E.right({ config, deployment, behaviour: knobs })
  if ('libraries' in config) return twice('libraries')
  const library = {
    id: wanted.library ?? 'smhemulator000001',
    secret: wanted.secret ?? 'emulator-secret',
    ...(wanted.space === undefined ? {} : { spaces: wanted.space.map((id) => ({ id })) }),
    ...(wanted.token === undefined ? {} : { tokens: [{ token: wanted.token }] }),
  }
  return E.right({ config: { ...config, libraries: [library] }, deployment, behaviour: knobs })
}

/** `config`: `users`, `spaces`, `apps` and `behaviour`. A space of the command line is a personal one, by its container's id. */
export const emulatedKooDrive = (wanted: Wanted, config: Given): E.Either<Problem, Pick<KooDriveOptions, 'config'>> => {
  const misplaced = (['library', 'deployment'] as const).find((name) => wanted[name] !== undefined)
  if (misplaced !== undefined)
    return E.left(usage(`--${misplaced} is only for tencent-smh`, 'Leave it out for koodrive.'))
  if (wanted.token !== undefined && 'users' in config) return twice('users')
  if (wanted.space !== undefined && 'spaces' in config) return twice('spaces')
  if (wanted.secret !== undefined && 'apps' in config) return twice('apps')
  return E.right({
    config: {
      ...config,
      ...(wanted.token === undefined ? {} : { users: [{ tokens: [{ accessToken: wanted.token }] }] }),
      ...(wanted.space === undefined
        ? {}
        : { spaces: wanted.space.map((containerId) => ({ kind: 'personal' as const, containerId })) }),
      ...(wanted.secret === undefined ? {} : { apps: [{ appId: 'emulator-app', appSecret: wanted.secret }] }),
    },
  })
}
