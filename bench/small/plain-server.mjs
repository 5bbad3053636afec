// The least that answers JSON: node:http, one parsed body, one printed answer.
import http from 'node:http'

const server = http.createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const url = new URL(request.url, 'http://localhost')
    if (chunks.length > 0) JSON.parse(chunks.join(''))
    const body = JSON.stringify({ path: url.pathname.split('/'), type: 'file', name: 'a.txt', size: '5', eTag: 'abc' })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
})
let [requests, before] = [0, process.cpuUsage()]
server.on('request', () => requests++)
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
process.on('message', () => {
  const { user, system } = process.cpuUsage(before)
  process.send({ requests, cpu: (user + system) / 1000 })
  ;[requests, before] = [0, process.cpuUsage()]
})
