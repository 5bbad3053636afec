// What the drive says after a fault is true, on the public service.
import { doubtTable } from './doubt-table'

doubtTable('public')
