export type {
  ReportError,
  ReportInput,
  ReportOptions,
  ReportRecord,
  ReportSample,
  ReportStatus,
  ReportTotals,
} from './input'
export { reportPlace, writeReport } from './write-report'
