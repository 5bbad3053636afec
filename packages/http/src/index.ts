// Re-exports, nothing else.
export { axiosHttp } from './axios-http'
export { createHttp } from './create-http'
export { decoded } from './decoded'
export { authorization, challengeIn, withDigest, type DigestCredentials } from './digest'
export { parseJson } from './json'
export { withLimits } from './limits'
export { redact } from './redact'
export {
  FaultError,
  flag,
  type Flag,
  type Http,
  type HttpBody,
  type HttpFault,
  type HttpMethod,
  type HttpRequest,
  type HttpResponse,
  type HttpSurroundings,
  type OpenBody,
  type QueryValue,
  type RequestKind,
  type Wrapper,
} from './request'
export { withRetry, type RetryOptions } from './retry'
export { retryAfter } from './retry-after'
export { HttpSettings } from './settings'
export { withToken, type TokenOptions } from './token'
export { encodeSegment, urlOf } from './url'
