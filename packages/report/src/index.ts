export type {
  ReportError,
  ReportInput,
  ReportOptions,
  ReportRecord,
  ReportSample,
  ReportStatus,
  ReportTotals,
} from './input'
export { writeReport } from './write-report'
