// How many requests whole migrations of small files send: those that the vendors' documents make necessary.
import { path, toPromises, type DriveProvider } from '@anydrive/core'
import { startKooDrive, startTencentSmh, type Emulator } from '@anydrive/emulators'
import { openKooDrive, type KooDriveInput } from '@anydrive/koodrive'
import { openMemory } from '@anydrive/memory'
import { migrate } from '@anydrive/migrate'
import { openTencentSmh, type TencentSmhInput } from '@anydrive/tencent-smh'

const files = 60
/** Six that hold the files, and the one above them. */
const directories = 7

const settingsOf = (service: Emulator): unknown => Object.values(service.configuration)[0]
const services = {
  smh: {
    start: startTencentSmh,
    open: (service: Emulator): DriveProvider => openTencentSmh(settingsOf(service) as TencentSmhInput),
  },
  koo: {
    start: startKooDrive,
    // Ids are trusted throughout, however slow the machine is.
    open: (service: Emulator): DriveProvider =>
      openKooDrive({ ...(settingsOf(service) as KooDriveInput), idTrust: 3_600_000 }),
  },
} as const

describe.each([
  [
    'smh',
    {
      to: {
        createToken: 1,
        createDirectory: directories,
        beginSimpleUpload: files,
        cosPut: files,
        confirmUpload: files,
      },
    },
    { createToken: 1, info: 1, listDirectory: directories, downloadInfo: files, cosGet: files },
  ],
  [
    'koo',
    { to: { createDirectory: directories, createFile: files, putPart: files, completeFile: files, renameFile: files } },
    { getObject: files, fileDetail: files },
  ],
] as const)('%s', (name, { to }, from) => {
  test('as the target and as the source', async () => {
    const { start, open } = services[name]
    const service = await start({ seed: 1 })
    const run = async (one: DriveProvider, other: DriveProvider) => {
      service.requests.clear()
      const ends = { from: { drive: one, path: path('tree') }, to: { drive: other, path: path('tree') } }
      expect(await migrate(ends).run()).toMatchObject({ right: { files, directories, failures: 0 } })
      return service.requests.counts()
    }
    try {
      const small = openMemory()
      for (let i = 0; i < files; i++) await toPromises(small).writeFile(`tree/${i % (directories - 1)}/${i}`, `${i}`)
      expect(await run(small, open(service))).toEqual(to)
      const { downloadUrls = 0, listFiles = 0, ...read } = await run(open(service), openMemory())
      expect(read).toEqual(from)
      // The root, to find the directory, and each directory; links of files that are read at once share a request.
      if (name === 'koo') expect([listFiles, downloadUrls <= files]).toEqual([directories + 1, true])
    } finally {
      await service.close()
    }
  })
})
