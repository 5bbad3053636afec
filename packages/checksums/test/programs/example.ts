import { digestStream, verifier } from '@anydrive/checksums'
import { createReadStream } from 'node:fs'

const print = async (file: string): Promise<void> => {
  const { size, checksums } = await digestStream(createReadStream(file), ['crc64xz', 'sha256'])
  console.log(size, checksums.crc64xz, checksums.sha256)

  const check = verifier('crc64xz', checksums.crc64xz)
  for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) check.update(bytes)
  console.log(check.mismatch()?._tag ?? 'as expected')
}

void print(process.argv[2] ?? '')
