// The package has no types of its own.
declare module 'proxy-from-env' {
  /** The URL of the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for this URL; empty where there is none. */
  export const getProxyForUrl: (url: string) => string
}
