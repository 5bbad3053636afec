// Ticks that people can read, of quantities and of time.

/** From 0 to at least `max`, in steps of 1, 2 or 5 times a power of ten; of bytes, in a binary unit. */
export const ticksUpTo = (max: number, parts: number, binary: boolean): ReadonlyArray<number> => {
  const unit = binary && max >= 1024 ? 1024 ** Math.min(5, Math.floor(Math.log2(max) / 10)) : 1
  const rough = Math.max(max / unit, 1e-9) / parts
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((n) => n * power >= rough * 0.999) ?? 10) * power * unit
  const count = Math.max(1, Math.ceil(max / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 28, 91, 365].map((n) => n * day),
]

/** The step of the clock that divides a time into about so many parts. */
export const clockStep = (ms: number, parts: number): number => steps.find((step) => ms / step <= parts) ?? 365 * day

const offsetAt = (at: number): number => -new Date(at).getTimezoneOffset() * minute

/** Full hours, days and so on of this machine's clock. */
export const clockTicks = (from: number, until: number, step: number): ReadonlyArray<number> => {
  const offset = offsetAt(from)
  const ticks: Array<number> = []
  for (let at = Math.ceil((from + offset) / step) * step - offset; at <= until; at += step) ticks.push(at)
  return ticks
}

const two = (n: number): string => String(n).padStart(2, '0')
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The time of day, as fine as the step asks for; of whole days nothing. */
export const tickText = (at: number, step: number): string => {
  const date = new Date(at)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  return step >= day ? '' : step < minute ? `${time}:${two(date.getSeconds())}` : time
}

/** `3 Mar` */
export const dayText = (at: number): string => {
  const date = new Date(at)
  return `${date.getDate()} ${months[date.getMonth()] ?? ''}`
}

export const momentText = (at: number): string => {
  const date = new Date(at)
  return `${dayText(at)} ${date.getFullYear()}, ${two(date.getHours())}:${two(date.getMinutes())}`
}

/** `UTC+08:00` */
export const zoneText = (at: number): string => {
  const offset = offsetAt(at) / minute
  const size = Math.abs(offset)
  return offset === 0 ? 'UTC' : `UTC${offset < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}
