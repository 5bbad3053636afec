export * from './law'
export * from './run'
export { laws } from './laws'
