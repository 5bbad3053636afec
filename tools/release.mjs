// npm run release: builds, tests, packs and checks every public package, then publishes it with provenance. With --dry-run it does
// all but publish, and says what would keep it from publishing.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { git } from './changed.mjs'
import { pack, publicPackages } from './pack.mjs'
import { root, run } from './run.mjs'

/** Why the checkout and the environment do not allow a release, one message each; empty when they do. */
export const obstacles = (versions, env) => {
  const found = []
  const [version, ...others] = [...new Set(versions)]
  if (others.length > 0)
    found.push(
      `The packages have different versions (${[version, ...others].join(', ')}). Run "npm run changeset -- version".`,
    )
  const status = git('status', '--porcelain')
  if (status === undefined) found.push('This is not a git repository. Release from a clone.')
  else if (status !== '')
    found.push(
      `The working tree has changes that are not committed. Commit or stash them:\n${status.replace(/^/gm, '    ')}`,
    )
  const pending = (git('ls-files', '.changeset/*.md') ?? '')
    .split('\n')
    .filter((file) => /\.md$/.test(file) && !/README\.md$/.test(file))
  if (pending.length > 0)
    found.push(
      `${pending.join(', ')}: not yet in the versions and changelogs. Run "npm run changeset -- version" and commit the result.`,
    )
  const tag = `v${version}`
  if (!(git('tag', '--points-at', 'HEAD') ?? '').split('\n').includes(tag))
    found.push(`The current commit does not have the tag ${tag}. Run "git tag ${tag}" on the commit to release.`)
  if (!env.NPM_TOKEN)
    found.push(
      'NPM_TOKEN is not set. It must hold an access token of the registry that may publish the @anydrive packages.',
    )
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL && !env.SIGSTORE_ID_TOKEN)
    found.push(
      'No identity for provenance: run in CI with an OpenID Connect token (GitHub: "id-token: write"; GitLab: SIGSTORE_ID_TOKEN).',
    )
  return found
}

const npm = (args) => spawnSync('npm', args, { cwd: root, encoding: 'utf8' })

/** An earlier attempt may have published some of the packages already; they are left as they are. */
const isPublished = ({ name, version }) => npm(['view', `${name}@${version}`, 'version']).stdout?.trim() === version

/** Hands npm the token for its registry through the environment, so that it is neither an argument nor in a file. */
const withToken = ({ NPM_TOKEN, ...env }) => {
  const registry = npm(['config', 'get', 'registry']).stdout.trim()
  const scope = registry.replace(/^[a-z]+:/, '').replace(/\/*$/, '/')
  return { ...env, [`npm_config_${scope}:_authToken`]: NPM_TOKEN }
}

const publish = (tarballs) => {
  const env = withToken(process.env)
  for (const tarball of tarballs) {
    const { name, version, file } = tarball
    if (isPublished(tarball)) console.error(`${name}@${version} is already published`)
    else run('npm', ['publish', file, '--provenance', '--access', 'public'], { env })
  }
}

const release = async (dryRun) => {
  const found = obstacles(
    publicPackages().map(({ manifest }) => manifest.version),
    process.env,
  )
  if (found.length > 0 && !dryRun) {
    console.error(`Nothing was published:\n${found.map((one) => `- ${one}`).join('\n')}`)
    process.exit(1)
  }
  // The full run builds, checks the tarballs, installs them in empty projects and runs all tests; it does not get the token.
  const env = { ...process.env }
  delete env.NPM_TOKEN
  run('npm', ['run', '--silent', 'test:full'], { env })
  const tarballs = await pack()
  if (!dryRun) return publish(tarballs)
  for (const { name, version, file } of tarballs)
    console.log(`Would publish ${name}@${version} with provenance: ${file}`)
  if (found.length > 0) console.log(`A release would be refused now:\n${found.map((one) => `- ${one}`).join('\n')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const unknown = process.argv.slice(2).filter((option) => option !== '--dry-run')
  if (unknown.length > 0) {
    console.error(`Unknown option ${unknown.join(' ')}. Usage: npm run release [-- --dry-run]`)
    process.exit(2)
  }
  await release(process.argv.includes('--dry-run'))
}
