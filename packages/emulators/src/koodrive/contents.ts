// The bytes behind files: shared by copies and flash uploads, gone with the last file that needs them.
import { type BlobStore, type Segment } from '../common/blobs'
import { type Journal } from '../common/journal'

export type Content = Readonly<{
  /** The object store's key. */
  key: string
  segments: ReadonlyArray<Segment>
  size: number
  sha256: string
}>

export class Contents {
  readonly #blobs: BlobStore<'sha256'>
  readonly #journal: Journal
  readonly #byKey = new Map<string, Content>()
  readonly #bySha256 = new Map<string, Content>()
  readonly #uses = new Map<string, number>()

  constructor(blobs: BlobStore<'sha256'>, journal: Journal) {
    this.#blobs = blobs
    this.#journal = journal
  }

  /** Keeps a content whose segments the caller holds; the holds pass to it. */
  add(content: Content): void {
    this.#index(content)
    this.#journal.put('content', content.key, () => content)
  }

  load(content: Content): void {
    for (const { id } of content.segments) this.#blobs.retain(id)
    this.#index(content)
  }

  get(key: string): Content | undefined {
    return this.#byKey.get(key)
  }

  ofSha256(sha256: string): Content | undefined {
    return this.#bySha256.get(sha256)
  }

  /** One file more has this content. */
  use(key: string | undefined): void {
    if (key !== undefined) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1)
  }

  /** One file less; the last takes the content with it. */
  disuse(key: string | undefined): void {
    if (key === undefined) return
    const left = (this.#uses.get(key) ?? 0) - 1
    if (left > 0) this.#uses.set(key, left)
    else this.#drop(key)
  }

  /** After a start: drops what no loaded file uses. */
  dropUnused(): void {
    for (const key of [...this.#byKey.keys()]) if (!this.#uses.has(key)) this.#drop(key)
  }

  #index(content: Content): void {
    this.#byKey.set(content.key, content)
    this.#bySha256.set(content.sha256, content)
  }

  #drop(key: string): void {
    const content = this.#byKey.get(key)
    this.#uses.delete(key)
    if (content === undefined) return
    for (const { id } of content.segments) this.#blobs.release(id)
    this.#byKey.delete(key)
    if (this.#bySha256.get(content.sha256) === content) this.#bySha256.delete(content.sha256)
    this.#journal.remove('content', key)
  }
}
