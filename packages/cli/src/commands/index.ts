// The commands, in the order in which help lists them; the module of a command is loaded when it is needed.
import { loaderOf } from '../lazy'
import type { Add } from '../add'
import type * as About from './about'
import type * as Cat from './cat'
import type * as Check from './check'
import type * as Cleanup from './cleanup'
import type * as ClusterCommand from './cluster'
import type * as Compare from './compare'
import type * as Completion from './completion'
import type * as Config from './config'
import type * as Conformance from './conformance'
import type * as Copy from './copy'
import type * as DashboardCommand from './dashboard'
import type * as Doctor from './doctor'
import type * as Drives from './drives'
import type * as Emulate from './emulate'
import type * as Find from './find'
import type * as Init from './init'
import type * as Link from './link'
import type * as Ls from './ls'
import type * as Migrate from './migrate'
import type * as Mkdir from './mkdir'
import type * as Probe from './probe'
import type * as PutGet from './put-get'
import type * as Rm from './rm'
import type * as Serve from './serve'
import type * as Size from './size'
import type * as Stat from './stat'
import type * as Sync from './sync'
import type * as Trash from './trash'
import type * as Tree from './tree'
import type * as Versions from './versions'
import type * as Worker from './worker'

const load = loaderOf(__filename)

export interface NamedCommand {
  readonly name: string
  readonly load: () => Add
}

export const commands: ReadonlyArray<NamedCommand> = [
  { name: 'ls', load: () => (load('./ls') as typeof Ls).addLs },
  { name: 'tree', load: () => (load('./tree') as typeof Tree).addTree },
  { name: 'stat', load: () => (load('./stat') as typeof Stat).addStat },
  { name: 'mkdir', load: () => (load('./mkdir') as typeof Mkdir).addMkdir },
  { name: 'cp', load: () => (load('./copy') as typeof Copy).addCopy },
  { name: 'mv', load: () => (load('./copy') as typeof Copy).addMove },
  { name: 'rm', load: () => (load('./rm') as typeof Rm).addRm },
  { name: 'trash', load: () => (load('./trash') as typeof Trash).addTrash },
  { name: 'versions', load: () => (load('./versions') as typeof Versions).addVersions },
  { name: 'cleanup', load: () => (load('./cleanup') as typeof Cleanup).addCleanup },
  { name: 'cat', load: () => (load('./cat') as typeof Cat).addCat },
  { name: 'put', load: () => (load('./put-get') as typeof PutGet).addPut },
  { name: 'get', load: () => (load('./put-get') as typeof PutGet).addGet },
  { name: 'link', load: () => (load('./link') as typeof Link).addLink },
  { name: 'find', load: () => (load('./find') as typeof Find).addFind },
  { name: 'size', load: () => (load('./size') as typeof Size).addSize },
  { name: 'about', load: () => (load('./about') as typeof About).addAbout },
  { name: 'migrate', load: () => (load('./migrate') as typeof Migrate).addMigrate },
  { name: 'sync', load: () => (load('./sync') as typeof Sync).addSync },
  { name: 'worker', load: () => (load('./worker') as typeof Worker).addWorker },
  { name: 'cluster', load: () => (load('./cluster') as typeof ClusterCommand).addCluster },
  { name: 'dashboard', load: () => (load('./dashboard') as typeof DashboardCommand).addDashboard },
  { name: 'check', load: () => (load('./check') as typeof Check).addCheck },
  { name: 'compare', load: () => (load('./compare') as typeof Compare).addCompare },
  { name: 'conformance', load: () => (load('./conformance') as typeof Conformance).addConformance },
  { name: 'init', load: () => (load('./init') as typeof Init).addInit },
  { name: 'config', load: () => (load('./config') as typeof Config).addConfig },
  { name: 'drives', load: () => (load('./drives') as typeof Drives).addDrives },
  { name: 'doctor', load: () => (load('./doctor') as typeof Doctor).addDoctor },
  { name: 'probe', load: () => (load('./probe') as typeof Probe).addProbe },
  { name: 'serve', load: () => (load('./serve') as typeof Serve).addServe },
  { name: 'emulate', load: () => (load('./emulate') as typeof Emulate).addEmulate },
  { name: 'completion', load: () => (load('./completion') as typeof Completion).addCompletion },
]
