// The npm client `webdav`, which is an ES module only: takes a URL and the name of a file, does what its users do, and prints what it saw as JSON.
import { text as textOf } from 'node:stream/consumers'
import { createClient } from 'webdav'

const [, , url, name] = process.argv
const file = `/ein Ordner/${name}`
const client = createClient(url, { username: 'mary', password: 'sesame' })
await client.createDirectory('/ein Ordner/unter', { recursive: true })
await client.putFileContents(file, 'hello')
const refused = await client.putFileContents(file, 'other', { overwrite: false })
await client.copyFile(file, '/ein Ordner/unter/copy')
await client.moveFile('/ein Ordner/unter/copy', '/moved %41')
const lock = await client.lock('/moved %41')
await client.unlock('/moved %41', lock.token)
const listed = await client.getDirectoryContents('/', { deep: false })
const stat = await client.stat(file)
const text = await client.getFileContents('/moved %41', { format: 'text' })
const range = await textOf(client.createReadStream('/moved %41', { range: { start: 1, end: 3 } }))
const quota = await client.getQuota()
await client.deleteFile('/ein Ordner')
console.log(
  JSON.stringify({
    refused,
    listed: listed.map(({ filename, type }) => [filename, type]).sort(),
    size: stat.size,
    text,
    range,
    quota: quota?.used ?? null,
    gone: !(await client.exists('/ein Ordner')),
  }),
)
