// The commands, in the order in which help lists them.
import type { Add } from '../add'
import { addCat } from './cat'
import { addCheck } from './check'
import { addCleanup } from './cleanup'
import { addCompare } from './compare'
import { addConformance } from './conformance'
import { addCopy, addMove } from './copy'
import { addDrives } from './drives'
import { addEmulate } from './emulate'
import { addGet, addPut } from './put-get'
import { addLs } from './ls'
import { addMigrate } from './migrate'
import { addMkdir } from './mkdir'
import { addProbe } from './probe'
import { addRm } from './rm'
import { addServe } from './serve'
import { addStat } from './stat'
import { addSync } from './sync'
import { addTree } from './tree'

export const commands: ReadonlyArray<Add> = [
  addLs,
  addTree,
  addStat,
  addMkdir,
  addCopy,
  addMove,
  addRm,
  addCleanup,
  addCat,
  addPut,
  addGet,
  addMigrate,
  addSync,
  addCheck,
  addCompare,
  addConformance,
  addDrives,
  addProbe,
  addServe,
  addEmulate,
]
