// What only one vendor leaves open, found out on the account itself: which settings it needs.
import type * as KooDrive from '@anydrive/koodrive'
import type * as Smh from '@anydrive/tencent-smh'
import { under, type CallOptions, type DrivePath, type DriveProvider } from '@anydrive/core'
import { checked, differs, ok, type Check } from './check'

const deployment = async ({ smh }: Smh.TencentSmhDrive, path: DrivePath, options: CallOptions): Promise<Check> =>
  checked('deployment', await smh.deployment(path, options)(), ({ answers, deployment: setting }) =>
    setting === 'auto' || setting === answers
      ? ok('deployment', `a ${answers} deployment answers`)
      : differs('deployment', `a ${answers} deployment answers: set "deployment" to "${answers}" or "auto"`),
  )

const uploads = async ({ kooDrive }: KooDrive.KooDrive, path: DrivePath, options: CallOptions): Promise<Check> =>
  checked('uploads', await kooDrive.unfinishedUploads(path, options)(), ({ holdsName, uploads: setting }) => {
    const found = `an unfinished upload ${holdsName ? 'holds' : 'does not hold'} its name`
    if (holdsName)
      return setting === 'via-temporary'
        ? ok('uploads', `${found}: "uploads" must stay "via-temporary"`)
        : differs('uploads', `${found}: set "uploads" to "via-temporary"`)
    return ok('uploads', setting === 'direct' ? found : `${found}: "uploads": "direct" saves one request for each file`)
  })

/** Which settings the account needs, by changes below `dir`, which the caller removes. */
export const checkVendor = async (
  drive: DriveProvider,
  dir: DrivePath,
  options: CallOptions,
): Promise<ReadonlyArray<Check>> => {
  const path = under(dir, 'unfinished.txt' as DrivePath)
  if ('smh' in drive) return [await deployment(drive as Smh.TencentSmhDrive, path, options)]
  return 'kooDrive' in drive ? [await uploads(drive as KooDrive.KooDrive, path, options)] : []
}
