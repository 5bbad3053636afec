export type {
  ReportError,
  ReportInput,
  ReportOptions,
  ReportRecord,
  ReportSample,
  ReportStatus,
  ReportTotals,
} from './input'
export { liveFragments, livePage, type LivePage } from './live-page'
export type { LiveFailures, LiveState, LiveWorker } from './live-state'
export { reportPlace, writeReport } from './write-report'
