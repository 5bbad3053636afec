export { noRequests, requestCosts, type Estimate, type Rates, type RequestCosts } from './estimate'
export {
  checkPlan,
  mismatch,
  readPlan,
  type CheckedPlan,
  type PlanEnd,
  type PlanError,
  type PlanFile,
  type PlanHeader,
} from './file'
export type { Finding, FindingName } from './issues'
export { sourceHolds, targetHolds, type PlanProblem } from './preconditions'
export { actions, type Action, type Existing, type PlanLine } from './line'
export { isFinal, planMigration, type Failure as PlanFailure, type MigrationPlan, type PlanOptions } from './plan'
export type { FindingSum, PlanSummary } from './sums'
export { writePlan } from './write'
