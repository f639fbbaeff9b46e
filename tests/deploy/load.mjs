// Sends a constant load: half of the requests on persistent connections, half on new ones; reads, and writes without retries.
//
//   node load.mjs URL RATE FILE      runs until SIGTERM; uses ORION_SHARED_JWT_SECRET, JWT_ISSUER and USER_EMAIL for the token
//
// At the end, it writes one JSON object to FILE: sent, answered, failed, the failures, and the latencies in milliseconds. A request has
// failed if it received no response, or a response with a status other than 2xx.
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import http from 'node:http'

const [url, rate, file] = process.argv.slice(2)
const kept = new http.Agent({ keepAlive: true, maxSockets: 40, scheduling: 'fifo' })
const started = performance.now()
const latencies = []
const failures = {}
let sent = 0
let open = 0
let ending = false

function token() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({
    iss: process.env.JWT_ISSUER,
    aud: 'orion-core',
    sub: process.env.USER_EMAIL,
    iat: now,
    exp: now + 3600,
  })}`
  return `${signed}.${createHmac('sha256', process.env.ORION_SHARED_JWT_SECRET).update(signed).digest('base64url')}`
}

const headers = { authorization: `Bearer ${token()}` }

function failed(what) {
  failures[what] = (failures[what] ?? 0) + 1
}

function send(number) {
  const begun = performance.now()
  const isKept = number % 2 === 0
  const writes = number % 20 < 2
  const options = writes
    ? { method: 'POST', path: '/api/sessions', headers: { ...headers, 'content-type': 'application/json' } }
    : { method: 'GET', path: number % 4 < 2 ? '/api/sessions?limit=10' : '/health/live', headers }
  const how = `${options.method} ${options.path} on a ${isKept ? 'kept' : 'new'} connection`
  sent++
  open++
  const done = (what) => {
    open--
    if (what) failed(`${how}: ${what}`)
    else latencies.push(performance.now() - begun)
    if (ending && open === 0) report()
  }
  let over = false
  const once = (what) => {
    if (over) return
    over = true
    done(what)
  }
  const request = http.request(url, { ...options, agent: isKept ? kept : false, timeout: 30_000 }, (answer) => {
    answer.resume()
    answer.on('end', () => once(answer.statusCode < 300 ? null : answer.statusCode))
    answer.on('error', (error) => once(error.code ?? error.message))
  })
  request.on('timeout', () => request.destroy(new Error('no answer within 30 s')))
  request.on('error', (error) => once(error.code ?? error.message))
  request.end(writes ? '{"title":"Under load"}' : undefined)
}

// The rate depends on the clock, not on the responses: a slow service receives as many requests.
const timer = setInterval(() => {
  const due = ((performance.now() - started) / 1000) * rate
  while (sent < due) send(sent)
}, 5)

function report() {
  latencies.sort((a, b) => a - b)
  const at = (share) => Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0)
  writeFileSync(
    file,
    JSON.stringify({
      sent,
      answered: latencies.length,
      failed: sent - latencies.length,
      failures,
      seconds: Math.round((performance.now() - started) / 1000),
      p50: at(0.5),
      p99: at(0.99),
      longest: at(1),
    }) + '\n',
  )
  process.exit(0)
}

process.on('SIGTERM', () => {
  clearInterval(timer)
  ending = true
  if (open === 0) report()
})
