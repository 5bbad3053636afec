// Takes out of a text what could be a secret, for logs and for what a service said.

const hidden = '[secret]'
const sensitive = /token|secret|sign|key|auth|cred|password|passwd|session|ticket|cookie|policy|code/i
/** A number, a truth value, or a short word of letters: what limits, orders and flags are made of. */
const harmless = /^(\d{1,15}|[a-z]{1,12}([_-][a-z]{1,12}){0,3})$/i

const parameter = (whole: string, before: string, name: string, value: string): string =>
  !sensitive.test(name) && (value === '' || harmless.test(value)) ? whole : `${before}${name}=${hidden}`

/**
 * Of a URL, or of a text that holds some: user and password go, and so does every query value but numbers and plain words
 * under a name that does not sound secret. `"access_token": "…"` in JSON and `Bearer …` go too. Paths stay.
 */
export const redact = (text: string): string =>
  text
    .replace(/(\/\/)[^/?#\s@]*@/g, '$1')
    .replace(/([?&])([^?=&#\s"'<>]+)=([^&#\s"'<>]*)/g, parameter)
    .replace(/("([^"\\]{1,80})"\s*:\s*)"(?:[^"\\]|\\.)*"/g, (whole, before: string, name: string) =>
      sensitive.test(name) && !/^(error_?)?code$/i.test(name) ? `${before}"${hidden}"` : whole,
    )
    .replace(/\b(Bearer|Basic|Digest|QGateway|AWS4-HMAC-SHA256)\s+[^\s"'<>]+/gi, `$1 ${hidden}`)
