export { capabilities } from './capabilities'
export { box, openBox } from './drive'
export { BoxSettings, type BoxInput } from './settings'
