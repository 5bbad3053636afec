// The tables, in versions: each step is applied once, in order, and recorded in a table of its own.
import * as E from 'fp-ts/Either'
import { attempt, clusterError, type ClusterError, type Database, type Query } from './database'

/** Step `n` leads to version `n + 1`. A step that was published is never changed. */
const steps: ReadonlyArray<string> = [
  `
CREATE TABLE anydrive.migrations (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  state text NOT NULL,
  reason text,
  identity text NOT NULL,
  options text NOT NULL,
  source_drive text NOT NULL,
  target_drive text NOT NULL,
  target_path text COLLATE "C" NOT NULL,
  run uuid NOT NULL,
  resumes boolean NOT NULL,
  retry_failed boolean NOT NULL,
  checkpoint text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);
CREATE TABLE anydrive.workers (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  process integer NOT NULL,
  seen timestamptz NOT NULL,
  expires timestamptz NOT NULL,
  concurrency integer NOT NULL,
  refusal text
);
CREATE TABLE anydrive.entries (
  migration integer NOT NULL REFERENCES anydrive.migrations ON DELETE CASCADE,
  path text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  size bigint,
  status text,
  target text COLLATE "C",
  holder uuid NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (migration, path)
);
CREATE INDEX entries_target ON anydrive.entries (migration, md5(target)) WHERE target IS NOT NULL;
CREATE INDEX entries_failed ON anydrive.entries (migration, path) WHERE status IN ('failed', 'blocked');
CREATE TABLE anydrive.problems (
  migration integer NOT NULL REFERENCES anydrive.migrations ON DELETE CASCADE,
  run uuid NOT NULL,
  path text COLLATE "C" NOT NULL,
  shown_as text NOT NULL,
  error text NOT NULL
);
CREATE UNIQUE INDEX problems_once ON anydrive.problems (migration, run, md5(path), md5(shown_as));
CREATE TABLE anydrive.samples (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration integer NOT NULL REFERENCES anydrive.migrations ON DELETE CASCADE,
  worker uuid NOT NULL,
  data text NOT NULL
);
CREATE INDEX samples_migration ON anydrive.samples (migration, id);
CREATE TABLE anydrive.jobs (
  id uuid PRIMARY KEY,
  migration integer NOT NULL REFERENCES anydrive.migrations ON DELETE CASCADE,
  worker uuid NOT NULL
);
CREATE INDEX jobs_worker ON anydrive.jobs (worker);`,
  // A path may be longer than a row of an index: its key is its SHA-256. What is written by users of other systems may hold a NUL, as JSON.
  `
ALTER TABLE anydrive.entries ADD COLUMN key bytea;
UPDATE anydrive.entries SET key = sha256(convert_to(path, 'UTF8'));
ALTER TABLE anydrive.entries ALTER COLUMN key SET NOT NULL, DROP CONSTRAINT entries_pkey, ADD PRIMARY KEY (migration, key);
CREATE INDEX entries_order ON anydrive.entries (migration, left(path, 255));
DROP INDEX anydrive.entries_failed;
CREATE INDEX entries_failed ON anydrive.entries (migration, left(path, 255)) WHERE status IN ('failed', 'blocked');
ALTER TABLE anydrive.migrations ADD COLUMN lists text, ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN failed_before bigint NOT NULL DEFAULT 0, ADD COLUMN marker text, ADD COLUMN removed bigint NOT NULL DEFAULT 0;
UPDATE anydrive.problems SET shown_as = to_json(shown_as)::text WHERE shown_as <> '';`,
  'ALTER TABLE anydrive.migrations ADD COLUMN begun_bytes bigint NOT NULL DEFAULT 0;',
]
export const schemaVersion = steps.length

/** One process at a time changes the tables. */
const lock = 'SELECT pg_advisory_xact_lock(7220260)'

const versionIn = async (query: Query): Promise<number> => {
  const { rows } = await query<{ exists: boolean }>("SELECT to_regclass('anydrive.version') IS NOT NULL AS exists")
  if (rows[0]?.exists !== true) return 0
  const found = await query<{ version: number }>('SELECT version FROM anydrive.version')
  return found.rows[0]?.version ?? 0
}

const newer = (version: number): ClusterError =>
  clusterError(
    'NewSchema',
    `the tables of the database are of version ${version}, which is newer than this anydrive (${schemaVersion}); update anydrive on this machine`,
  )

/** Creates the tables, or brings those of an earlier version up to date. */
export const updateSchema = async ({ transaction }: Database): Promise<E.Either<ClusterError, void>> =>
  E.flatten(
    await attempt(() =>
      transaction(async (query) => {
        await query(lock)
        const version = await versionIn(query)
        if (version > schemaVersion) return E.left(newer(version))
        if (version === schemaVersion) return E.right(undefined)
        await query('CREATE SCHEMA IF NOT EXISTS anydrive')
        await query('CREATE TABLE IF NOT EXISTS anydrive.version (version integer NOT NULL)')
        for (const step of steps.slice(version)) await query(step)
        await query('DELETE FROM anydrive.version')
        await query('INSERT INTO anydrive.version VALUES ($1)', [schemaVersion])
        return E.right(undefined)
      }),
    ),
  )

/** Whether the tables are those that this program works with; nothing is changed. */
export const checkSchema = async ({ query }: Pick<Database, 'query'>): Promise<E.Either<ClusterError, void>> =>
  E.flatMap((version: number): E.Either<ClusterError, void> => {
    if (version > schemaVersion) return E.left(newer(version))
    if (version === schemaVersion) return E.right(undefined)
    const what = version === 0 ? 'has no tables of anydrive' : `has tables of version ${version}, not ${schemaVersion}`
    return E.left(
      clusterError(
        'OldSchema',
        `the database ${what}; anydrive migrate --cluster or anydrive worker creates or updates them`,
      ),
    )
  })(await attempt(() => versionIn(query)))
