// Faults for the adapter of SMH: one text of one source, and what a careless author could have written instead.
// `first`: the test file that is likeliest to notice.
export const faults = [
  {
    name: 'a page that is shorter than asked for ends the list',
    judge: 'doubt',
    law: 'list pages that are shorter than asked for, or empty, lose nothing',
    file: 'entries.ts',
    from: 'TE.map((contents) => toPage(path, contents)),',
    to: `TE.map((contents) => toPage(path, contents)),
      TE.map((page) => (page.items.length < limit ? { items: page.items } : page)),`,
  },
  {
    name: 'the checksum of a download is not compared',
    judge: 'doubt',
    law: "readFile a byte that was changed on the way down once is never taken for the file's",
    file: 'read.ts',
    from: "return { entry, open, verifier: crc64xz === undefined ? undefined : () => verifier('crc64xz', crc64xz) }",
    to: 'return { entry, open }',
  },
  {
    name: 'ranges end one byte late',
    judge: 'conformance',
    law: 'readFile bytes 0 to 1 of ten',
    file: 'read.ts',
    from: '`bytes=${start}-${end - 1}`',
    to: '`bytes=${start}-${end}`',
  },
  {
    name: 'a move or copy is repeated after a lost response',
    judge: 'doubt',
    law: 'batchCopy says what is true',
    file: 'transfer.ts',
    from: '      repeat: repeatOf,\n',
    to: "      repeat: () => 'always',\n",
  },
  {
    name: 'an overwrite is claimed by size alone',
    judge: 'doubt',
    law: 'writeFile says what is true',
    file: 'upload.ts',
    from: `      lookup: (its) => confirmationOf(smh, expected, upload, its),
      proof: confirmedProof(smh, expected),`,
    to: `      lookup: (its) =>
        pipe(
          lookup(smh, path, its),
          TE.map((file): Confirmation => ({ confirmed: true, file })),
        ),
      proof: ({ file }) =>
        file?.entry.kind === 'file' && isSized(file.entry) && file.entry.size === expected.size
          ? { is: 'done', value: { ...file.entry, how: 'as-asked', evidence: checked } }
          : { is: 'not-done' },`,
  },
  {
    name: 'a rename is reported as as-asked',
    judge: 'conformance',
    law: 'createDir under rename onto a file places it under a free name and leaves what exists there',
    file: 'translate.ts',
    from: "how: final === to ? 'as-asked' : 'renamed' })),",
    to: "how: 'as-asked' })),",
  },
  {
    name: 'an abort does not reach the parts of an upload',
    judge: 'doubt',
    law: 'writeFile an abort ends an upload in parts whose source has stalled at a later part',
    file: 'write-multipart.ts',
    from: 'const forget = onAbort(write.signal, stop)',
    to: 'const forget = (): void => undefined',
  },
  {
    name: 'the checksum of what the store has is taken for that of what was sent',
    judge: 'doubt',
    law: 'writeFile a byte that was changed on the way up once is not vouched for, under ask',
    file: 'bytes.ts',
    from: "return E.right(theirs === undefined || theirs === crc64 ? { status: 'stored', crc64 } : { status: 'corrupted' })",
    to: "return E.right({ status: 'stored', crc64: theirs ?? crc64 })",
  },
  {
    name: 'a failed overwrite leaves its upload',
    judge: 'doubt',
    law: 'writeFile a source that fails leaves no unfinished upload, under overwrite',
    file: 'write.ts',
    from: 'const keeps = mayHaveHappened(fault) ||',
    to: "const keeps = how.conflict === 'overwrite' || mayHaveHappened(fault) ||",
  },
  {
    name: 'a refused item is reported as done',
    judge: 'conformance',
    law: 'batchCopy of a directory under ask onto a file is NameConflict, and nothing changes',
    file: 'outcomes.ts',
    from: 'result !== undefined && done.has(result.status)',
    to: 'result !== undefined && result.status < 500',
  },
  {
    name: 'refusals are taken for those of the first items',
    judge: 'conformance',
    law: 'batchCopy: the strategy of an item wins over that of the call',
    file: 'outcomes.ts',
    from: 'if (i >= 0) matched[i] = results[n]',
    to: 'if (i >= 0) matched[i] = [...results].sort((a, b) => b.status - a.status)[n]',
  },
  {
    name: 'parents are created when they are not to be',
    judge: 'conformance',
    law: 'createDir missing parents may be required: NotFound, and nothing is made',
    file: 'drive.ts',
    from: "const impliedParents = ['createDir', 'copyDir', 'batchMove', 'batchCopy'] as const",
    to: "const impliedParents = ['copyDir', 'batchMove', 'batchCopy'] as const",
  },
  {
    name: 'a directory that exists is reported as created',
    judge: 'conformance',
    law: 'createDir a directory without a strategy is made as under ask',
    file: 'entries.ts',
    from: 'send: () => pipe(smh.api.createDirectory(path, strategy, callerTimes(times), signal), TE.flatMapEither(made)),',
    to: `send: () =>
          pipe(
            smh.api.createDirectory(path, strategy, callerTimes(times), signal),
            TE.flatMapEither(made),
            TE.orElse((fault) => (fault._tag === 'NameConflict' ? TE.fromEither(made()) : TE.left(fault))),
          ),`,
  },
  {
    name: 'what is to be erased goes to the bin',
    judge: 'conformance',
    law: 'batchRemove past the bin where that is asked',
    file: 'remove.ts',
    from: 'const items = paths.map((path) => ({ path, permanent }))',
    to: 'const items = paths.map((path) => ({ path, permanent: false }))',
  },
  {
    name: 'a taken name has the wrong tag',
    judge: 'conformance',
    law: 'createDir a directory without a strategy is made as under ask',
    file: 'errors.ts',
    from: "[nameConflict, 'SameNameDirectoryOrFileExists",
    to: "[preconditionFailed, 'SameNameDirectoryOrFileExists",
  },
  {
    name: 'names are listed in another Unicode form',
    judge: 'conformance',
    law: 'names a file’s name with a combining character comes back as given, or is refused before',
    file: 'translate.ts',
    from: 'child(dir, content.name),',
    to: "child(dir, content.name.normalize('NFC')),",
  },
  {
    name: 'a new directory under rename is requested again after a lost response',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'entries.ts',
    from: "repeat: strategy === 'rename' ? 'never' : 'if-not-done',",
    to: "repeat: strategy === 'rename' ? 'always' : 'if-not-done',",
  },
  {
    name: 'an empty file has no size',
    law: 'writeFile an empty file is an ordinary file',
    judge: 'conformance',
    file: 'translate.ts',
    from: 'Number.isSafeInteger(n) && n >= 0',
    to: 'Number.isSafeInteger(n) && n > 0',
  },
  {
    name: 'page size taken from the call instead of the cursor',
    judge: 'conformance',
    law: 'list a listing may go on with pages of another size',
    file: 'entries.ts',
    from: `      smh.api.list(path, { marker: cursor, limit }, signal),
      TE.map((contents) => toPage(path, contents)),`,
    to: `      smh.api.list(path, { marker: undefined, limit: 1000 }, signal),
      TE.map((contents) => {
        const { items } = toPage(path, contents)
        const page = Number(cursor ?? 0)
        const end = (page + 1) * limit
        return { items: items.slice(page * limit, end), ...(end < items.length ? { next: String(page + 1) } : {}) }
      }),`,
  },
  {
    name: 'a changed file is resumed',
    judge: 'doubt',
    law: 'readFile a file that changes while its download is interrupted is never patched together',
    file: 'read.ts',
    edits: [
      { from: 'if (isExpected && isSame(response.right)) return', to: 'if (isExpected) return' },
      { from: '    if (again.right.entry.version !== entry.version) return E.left(preconditionFailed())\n', to: '' },
      {
        from: "return { entry, open, verifier: crc64xz === undefined ? undefined : () => verifier('crc64xz', crc64xz) }",
        to: 'return { entry, open }',
      },
    ],
  },
  {
    name: 'a temporary name is shown',
    judge: 'doubt',
    law: 'writeFile nothing but the file is listed while it is replaced',
    file: 'write.ts',
    edits: [
      { from: "temporaryFor(path, 'new', bounds.name) as DrivePath", to: '`${nameOf(path)}.new` as DrivePath' },
      {
        from: 'const written = await upload(smh, write)\n',
        to: "const written = await (how.conflict === 'overwrite' ? replace : upload)(smh, write)\n",
      },
    ],
  },
  {
    name: 'no rollback after a failed replace: the old file is removed first',
    judge: 'doubt',
    law: 'writeFile says what is true',
    file: 'write.ts',
    from: 'const written = await upload(smh, write)\n',
    to: `if (how.conflict === 'overwrite') await discard(smh, path, signal)()
    const written = await upload(smh, write)
`,
  },
  {
    name: 'where the content of a file is, is trusted for ever',
    judge: 'doubt',
    law: 'readFile what was replaced by others is read as it is now',
    file: 'read.ts',
    edits: [
      { from: 'interface Located {', to: 'const trusted = new Map<string, E.Right<Located>>()\ninterface Located {' },
      {
        from: '    const located = await locate(smh, path, signal)\n',
        to: `    const key = \`\${smh.settings.baseUrl} \${path}\`
    const located = trusted.get(key) ?? (await locate(smh, path, signal))
    if (E.isRight(located)) trusted.set(key, located)
`,
      },
    ],
  },
  {
    name: 'the partial failure of a task (207) is taken as success',
    judge: 'doubt',
    law: 'batchMove of items that a task fails, and others that it does, each is where its outcome says',
    file: 'tasks.ts',
    from: 'const results = resultsIn(task) ?? (isAllDone(task) ? items.map(() => ({ status: 204 })) : undefined)',
    to: 'const results = items.map(() => ({ status: 204 }))',
  },
  {
    name: 'an empty success (200 {}) is believed',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'api.ts',
    from: '{ 200: wire.CreatedDirectory, 201: wire.CreatedOrEmpty }',
    to: '{ 200: wire.Ignored, 201: wire.CreatedOrEmpty }',
  },
  {
    name: 'strategies of directories are swapped',
    judge: 'conformance',
    law: 'createDir a directory without a strategy is made as under ask',
    file: 'translate.ts',
    from: "directory: { ask: native('ask'), rename: native('rename'),",
    to: "directory: { ask: native('rename'), rename: native('ask'),",
  },
  {
    name: 'strategies of files are swapped',
    judge: 'conformance',
    law: 'writeFile under ask onto a file is NameConflict, and nothing changes',
    file: 'translate.ts',
    from: "file: { ask: native('ask'), rename: native('rename'), overwrite: native('overwrite') }",
    to: "file: { ask: native('overwrite'), rename: native('rename'), overwrite: native('ask') }",
  },
  {
    name: 'a lookup is taken as proof although the directory existed before',
    judge: 'doubt',
    law: 'createDir says what is true',
    file: 'entries.ts',
    from: "? findingOfCreated(smh.clock, { found: entry, created, value: { ...entry, how: 'as-asked' } }, sent)",
    to: "? { is: 'done', value: { ...entry, how: 'as-asked' } }",
  },
  {
    name: 'a file that was written is reported as a failure without effect',
    judge: 'doubt',
    law: 'writeFile says what is true',
    file: 'upload.ts',
    from: `      check: confirmCheck(expected),
    }),
`,
    to: `      check: confirmCheck(expected),
    }),
    TE.mapLeft((fault) =>
      fault._tag === 'Indeterminate' ? withoutEffect(missing('path', 'the path of the file')) : fault,
    ),
`,
  },
]
