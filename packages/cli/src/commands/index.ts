// Every command, in the order of the help.
import type { Register } from '../command'
import { registerBytes } from './bytes'
import { registerChanging } from './changing'
import { registerEmulate } from './emulate'
import { registerListing } from './listing'

export const registrations: ReadonlyArray<Register> = [
  registerListing,
  registerChanging,
  registerBytes,
  registerEmulate,
]
