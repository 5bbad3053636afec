// Makes responses: plain data that does not print its body, which may hold tokens.
import { inspect } from 'node:util'
import type { HttpResponse } from './request'

const printed = ({ status, text, attempts }: HttpResponse) => ({ status, attempts, text: `${text.length} characters` })

export const responseOf = (response: HttpResponse): HttpResponse => {
  const made = { ...response }
  Object.defineProperties(made, {
    toJSON: { value: () => printed(made) },
    [inspect.custom]: { value: () => printed(made) },
  })
  return made
}
