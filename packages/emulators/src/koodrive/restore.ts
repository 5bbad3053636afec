// The state at the start: what an earlier run left behind, or nothing; and who is signed in from the beginning.
import { type Stage } from '../common/stage'
import { type Behaviour } from './behaviour'
import { type Population } from './config'
import { type Content, Contents } from './contents'
import { type Node } from './nodes'
import { type Session, Sessions } from './sessions'
import { Spaces } from './spaces'
import { Tree } from './tree'
import { type Job, type Upload, type World } from './world'

const signEveryoneIn = (world: World): void => {
  for (const user of world.population.users)
    for (const { accessToken, sessionId, carrier } of user.tokens)
      world.sessions.open(user.id, carrier, world.now(), { token: accessToken, renewal: sessionId })
}

/** The records are our own, so their shapes are known. */
const load = (world: World): void => {
  const { journal, tree, contents, sessions } = world
  for (const [, content] of journal.load('content')) contents.load(content as Content)
  for (const [, record] of journal.load('node')) {
    const node = record as Node
    tree.load(node)
    contents.use(node.content)
  }
  for (const [id, record] of journal.load('upload')) {
    const upload = record as Upload
    world.uploads.set(id, upload)
    for (const { blob } of Object.values(upload.arrived)) world.blobs.retain(blob.id)
  }
  const jobs = [...journal.load('job')].map(([, job]) => job as Job)
  for (const job of jobs.sort((left, right) => left.createdAt - right.createdAt)) {
    world.jobs.set(job.id, job)
    if (job.status < 2) world.openJobs.add(job)
  }
  for (const [, session] of journal.load('session')) sessions.load(session as Session)
}

export const makeWorld = (stage: Stage<'sha256'>, population: Population, behaviour: Behaviour): World => {
  const { journal, random, now, strict, faults, blobs } = stage
  const tree = new Tree(behaviour.names, journal)
  const world: World = {
    population,
    behaviour,
    strict,
    now,
    random,
    journal,
    faults,
    blobs,
    spaces: new Spaces(population.spaces),
    tree,
    sessions: new Sessions(random, journal),
    contents: new Contents(blobs, journal),
    uploads: new Map(),
    jobs: new Map(),
    openJobs: new Set(),
  }
  for (const { containerId } of population.spaces) tree.addSpace(containerId)
  load(world)
  world.contents.dropUnused()
  signEveryoneIn(world)
  blobs.sweep()
  stage.commit()
  return world
}
