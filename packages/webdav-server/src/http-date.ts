// Dates of HTTP headers: the three forms of RFC 9110, 5.6.7, and no other.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const forms = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) (?<year>\d{4})$/,
]

/** A year of two digits is never more than 50 years in the future. */
const fullYear = (text: string, now: number): number => {
  if (text.length > 2) return Number(text)
  const current = new Date(now).getUTCFullYear()
  const year = current - (current % 100) + Number(text)
  return year > current + 50 ? year - 100 : year
}

/** Seconds since 1970; nothing where the text is no date of HTTP, so that the header is ignored. */
export const secondsOfDate = (text: string | undefined, now = Date.now()): number | undefined => {
  const groups = forms.map((form) => form.exec(text?.trim() ?? '')?.groups).find((found) => found !== undefined)
  if (groups === undefined) return undefined
  const { day = '', month = '', year = '', hour = '', minute = '', second = '' } = groups
  const index = months.indexOf(month)
  const [d, h, m, s] = [day, hour, minute, second].map(Number) as [number, number, number, number]
  if (index < 0 || d < 1 || d > 31 || h > 23 || m > 59 || s > 60) return undefined
  return Date.UTC(fullYear(year, now), index, d, h, m, s) / 1000
}
