// What the drive says after a fault is true, on a private deployment.
import { doubtTable } from './doubt-table'

doubtTable('private')
