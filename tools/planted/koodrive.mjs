// Faults for the adapter of KooDrive: one text of one source, and what a careless author could have written instead.
// `first`: the test file that is likeliest to notice.
export const faults = [
  {
    name: 'names on the second page of a directory are not found',
    judge: 'doubt',
    law: 'stat what is listed on a later page is found, although pages are shorter than asked for',
    file: 'ids.ts',
    from: 'if (cursor === undefined) return E.right([...files.values()])',
    to: 'if (cursor === undefined || files.size < pageSize) return E.right([...files.values()])',
  },
  {
    name: 'a page that is shorter than asked for ends the list',
    judge: 'doubt',
    law: 'list pages that are shorter than asked for, or empty, lose nothing',
    file: 'entries.ts',
    from: 'const page = E.map(toPage(path))(E.flatMap(toFilePage(cursor))(listed))',
    to: `const whole = E.map(toPage(path))(E.flatMap(toFilePage(cursor))(listed))
        const page = E.map((its: Page<Entry>) => (its.items.length < limit ? { items: its.items } : its))(whole)`,
  },
  {
    name: 'ids are trusted for ever',
    judge: 'doubt',
    law: 'writeFile a file is written into the directory that has the name now',
    file: 'ids.ts',
    from: 'now() - oldest <= idTrust',
    to: 'oldest <= now()',
  },
  {
    name: 'a job is created again after a lost response',
    judge: 'doubt',
    law: 'batchCopy says what is true',
    file: 'tasks.ts',
    from: "repeat: job.taskType === 1 ? 'if-answered' : 'if-not-done',",
    to: "repeat: 'always',",
  },
  {
    name: 'a file is uploaded under a name that is shown',
    judge: 'doubt',
    law: 'writeFile nothing but the file is listed while it is replaced',
    file: 'write.ts',
    from: "const names = sha256 === undefined ? [temporaryFor(path, 'new', nameLimit)] : []",
    to: 'const names = sha256 === undefined ? [`${nameOf(path)}.new`] : []',
  },
  {
    name: 'a move that was refused keeps its temporary name',
    judge: 'conformance',
    law: 'batchMove of a file under overwrite onto a directory is NameConflict, and nothing changes',
    file: 'move.ts',
    from: 'if (path === item.from) return fault',
    to: "if (path === item.from || fault._tag !== 'Indeterminate') return fault",
  },
  {
    name: 'after a failed replace the old file is not renamed back',
    judge: 'doubt',
    law: 'writeFile says what is true',
    file: 'changes.ts',
    from: `rename: (old, from, to, its) => () =>
      rename(`,
    to: `rename: (old, from, to, its) => async () =>
      old.id !== id && to === target ? E.right(undefined) : rename(`,
  },
  {
    name: 'an abort does not reach the wait for a job',
    judge: 'doubt',
    law: 'batchCopy an abort ends the wait for a task, and the task can be asked for later',
    file: 'copy.ts',
    from: 'await withGracePeriod(signal, run, context.settings.grace)()\n    round',
    to: 'await run(new AbortController().signal)()\n    round',
  },
  {
    name: 'a failed overwrite leaves its upload',
    judge: 'doubt',
    law: 'writeFile an upload that the service refuses at any request leaves none behind, under overwrite',
    file: 'write.ts',
    from: "if (how.keepsState && left._tag !== 'NameConflict') return E.left(left)",
    to: "if (how.keepsState || how.conflict === 'overwrite') return E.left(left)",
  },
  {
    name: 'a refused item of a job is reported as done',
    judge: 'doubt',
    law: 'batchRemove of items that the service fails, and others that it does, each is where its outcome says',
    file: 'tasks.ts',
    from: "if (jobInfo.taskResultCode === 1) return { status: 'done', newFileId: item?.newFileId }",
    to: "if (jobInfo.taskResultCode !== 3) return { status: 'done', newFileId: item?.newFileId }",
  },
  {
    name: 'the outcomes of a later job are given to the first items',
    judge: 'conformance',
    law: 'batchCopy: without a strategy every item is done as under ask',
    file: 'copy.ts',
    from: 'round.forEach(({ item }, i) =>',
    to: 'copies.forEach(({ item }, i) =>',
  },
  {
    name: 'a rename is reported as as-asked',
    judge: 'conformance',
    law: 'writeFile under rename onto a file places it under a free name and leaves what exists there',
    file: 'changes.ts',
    from: 'if (mode === 3) return E.right(to)',
    to: 'if (renamed.right === undefined) return E.right(to)',
  },
  {
    name: 'a directory is copied into one that exists',
    judge: 'conformance',
    law: 'copyDir under ask onto a directory is NameConflict, and nothing changes',
    file: 'copy.ts',
    from: `  const created = await createFolder(context, folder, { path: to, conflict, toFill: true }, signal)
  if (E.isLeft(created)) return created
`,
    to: `  const own = await createFolder(context, folder, { path: to, conflict, toFill: true }, signal)
  const existing = E.isLeft(own) && own.left._tag === 'NameConflict' ? own.left.existing : undefined
  const created =
    existing?.kind === 'directory' && existing.id !== undefined
      ? E.right({ node: { id: existing.id, entry: existing }, made: { path: to, how: 'as-asked' as const } })
      : own
  if (E.isLeft(created)) return created
`,
  },
  {
    name: 'a new directory under rename is requested again after a lost response',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'changes.ts',
    from: "repeat: 'never' as const",
    to: "repeat: 'always' as const",
  },
  {
    name: 'a taken name has the wrong tag',
    judge: 'conformance',
    law: 'createDir a directory without a strategy is made as under ask',
    file: 'errors.ts',
    from: '[[405], nameConflict],',
    to: '[[405], unusable],',
  },
  {
    name: 'ranges end one byte late',
    judge: 'conformance',
    law: 'readFile bytes 0 to 1 of ten',
    file: 'api.ts',
    from: "end === undefined ? '' : end - 1",
    to: "end === undefined ? '' : end",
  },
  {
    name: 'page size taken from the call instead of the cursor',
    judge: 'conformance',
    law: 'list a listing may go on with pages of another size',
    file: 'entries.ts',
    from: `        const listed = await api.list({ parentFileId: folder.right.id, cursor, pageSize: limit }, signal)()
        const page = E.map(toPage(path))(E.flatMap(toFilePage(cursor))(listed))`,
    to: `        const listed = await ids.children(folder.right, signal)
        const start = Number(cursor ?? 0) * limit
        const page = E.map((all: ReadonlyArray<Entry>): Page<Entry> => ({
          items: all.slice(start, start + limit),
          ...(start + limit < all.length ? { next: String(Number(cursor ?? 0) + 1) } : {}),
        }))(listed)`,
  },
  {
    name: 'a changed file is resumed',
    judge: 'doubt',
    law: 'readFile a file that changes while its download is interrupted is never patched together',
    file: 'read.ts',
    edits: [
      { from: "import { current } from './entries'", to: "import { current, stat } from './entries'" },
      {
        from: 'E.right({ entry, open: contentOf(context, links, { id, link: link.right }, range) })',
        to: `E.right({
            entry,
            open: (start: number, its: Signal) => async () => {
              const now = await stat(context)(path, { signal: its })()
              if (E.isLeft(now)) return now
              const newest = await links(now.right.id ?? '', its)()
              if (E.isLeft(newest)) return newest
              return contentOf(context, links, { id, link: newest.right }, range)(start, its)()
            },
          })`,
      },
    ],
  },
  {
    name: 'an overwrite is claimed by size alone',
    judge: 'doubt',
    law: 'writeFile says what is true',
    file: 'write.ts',
    from: '  const placed = await place(writing, state)\n',
    to: `  let placed = await place(writing, state)
  if (E.isLeft(placed) && how.conflict === 'overwrite') {
    const seen = await context.ids.lookup(writing.folder, nameOf(writing.path), writing.signal)
    if (E.isRight(seen) && seen.right?.kind === 'file' && seen.right.size === source.size)
      placed = E.right({ path: writing.path, how: 'as-asked', replaced: true })
  }
`,
  },
  {
    name: 'an abort does not reach the parts of an upload',
    judge: 'doubt',
    law: 'writeFile an abort ends an upload in parts whose source has stalled at a later part',
    file: 'write-multipart.ts',
    from: "return attempt({ send: () => api.putPart(url.right, body, signal), repeat: 'always', check, signal, timers })()",
    to: `const own = new AbortController().signal
      return attempt({ send: () => api.putPart(url.right, body, own), repeat: 'always', check, signal: own, timers })()`,
  },
  {
    name: 'evidence is claimed without the checksum',
    judge: 'doubt',
    law: 'writeFile a byte that was changed on the way up once is not vouched for, under ask',
    file: 'write-multipart.ts',
    from: 'send: () => api.completeFile({ fileId, ...defined({ sha256 }) }, signal)',
    to: "send: () => api.completeFile({ fileId, sha256: '' }, signal)",
  },
  {
    name: 'strategies of directories are swapped (renameMode)',
    judge: 'conformance',
    law: 'createDir a directory without a strategy is made as under ask',
    file: 'translate.ts',
    from: 'directory: { ask: native(3), rename: native(2),',
    to: 'directory: { ask: native(2), rename: native(3),',
  },
  {
    name: 'strategies of files are swapped (renameMode)',
    judge: 'conformance',
    law: 'writeFile under ask onto a file is NameConflict, and nothing changes',
    file: 'translate.ts',
    from: 'file: { ask: native(3), rename: native(2),',
    to: 'file: { ask: native(2), rename: native(3),',
  },
  {
    name: 'parents are not created',
    judge: 'conformance',
    law: 'writeFile missing parents are made',
    file: 'ids.ts',
    from: "? E.left({ ...left, what: 'parent', at: left.at ?? path })",
    to: '? found',
  },
  {
    name: 'a lookup is taken as proof although the directory existed before',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'changes.ts',
    from: 'const finding = findingOfCreated(clock, { found, created, value }, sent)',
    to: "const finding: Finding<Created> = { is: 'done', value }",
  },
  {
    name: 'a rename that may have happened is reported as a failure without effect',
    judge: 'doubt',
    law: 'batchMove says what is true',
    file: 'changes.ts',
    from: `  if (E.isLeft(renamed)) return renamed
  if (mode === 3)`,
    to: `  if (E.isLeft(renamed))
    return renamed.left._tag === 'Indeterminate' ? E.left(unavailable({ effect: 'none' })) : renamed
  if (mode === 3)`,
  },
  {
    name: 'a folder that may have been created is reported as a failure without effect',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'changes.ts',
    from: '  if (E.isLeft(created)) return E.left(await clashIn(context, folder, { name, fault: created.left }, signal))\n',
    to: `  if (E.isLeft(created)) {
    const fault = created.left._tag === 'Indeterminate' ? unavailable({ effect: 'none' }) : created.left
    return E.left(await clashIn(context, folder, { name, fault }, signal))
  }
`,
  },
  {
    name: 'an empty success (200 {}) is believed',
    judge: 'doubt',
    law: 'batchMove says what is true',
    file: 'wire.ts',
    from: "(textOf(u) === '0' ? '0' : undefined)",
    to: "(u === undefined || textOf(u) === '0' ? '0' : undefined)",
  },
]
