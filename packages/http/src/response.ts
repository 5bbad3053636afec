// Makes responses: plain data that does not print its body, which may hold tokens.
import { inspect } from 'node:util'
import type { HttpResponse } from './request'

const printed = ({ status, text, attempts }: HttpResponse) => ({ status, attempts, text: `${text.length} characters` })

function print(this: HttpResponse) {
  return printed(this)
}
const hidden = { toJSON: { value: print }, [inspect.custom]: { value: print } }

export const responseOf = (response: HttpResponse): HttpResponse => Object.defineProperties({ ...response }, hidden)
