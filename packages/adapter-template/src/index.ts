export { box, BoxSettings, capabilities, openBox } from './provider'
