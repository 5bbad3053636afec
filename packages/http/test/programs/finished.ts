// A hundred requests at once with one signal, and nothing more: the process has to end by itself, soon.
import { axiosHttp } from '../../src'
import { ask, rightOf } from '../requests'

const base = process.argv[2] ?? ''
const send = axiosHttp()
const { signal } = new AbortController()
void Promise.all(Array.from({ length: 100 }, () => rightOf(send(ask({ base, signal }))))).then((answers) => {
  process.stdout.write(String(answers.length))
})
