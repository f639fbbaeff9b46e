// Writes and reads under the loss of the database's primary, which SIGUSR1 announces.
//
//   node load.mjs URL PRIMARY FILE      uses ORION_SHARED_JWT_SECRET, JWT_ISSUER and USER_EMAIL for the token
//
// PRIMARY is Patroni's address that responds with 200 once the other server is the primary. The load ends 3 s after a write that began after
// the promotion was acknowledged. Then all acknowledged messages are read back, and one JSON object is written to FILE.
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import http from 'node:http'

const [url, primary, file] = process.argv.slice(2)
const writers = 8
const readers = 8
const limitSeconds = 120
const agent = new http.Agent({ keepAlive: true })
const failures = {}
const acknowledged = new Map()
let requests = 0
let longest = 0
let lostAt, promotedAt, writtenAt
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

const authorization = `Bearer ${token()}`
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const seconds = (from, to) => Number(((to - from) / 1000).toFixed(1))

function send(address, method, body) {
  return new Promise((resolve, reject) => {
    const headers = { authorization, ...(body && { 'content-type': 'application/json' }) }
    const request = http.request(address, { agent, method, headers }, (response) => {
      const parts = []
      response
        .on('data', (part) => parts.push(part))
        .on('end', () => resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'], body: Buffer.concat(parts).toString() }))
        .on('error', reject)
    })
    request.on('error', reject).end(body && JSON.stringify(body))
  })
}

/** Sends a request of the load and counts it. Returns the response if it was successful. */
async function load(path, method, body) {
  const begun = performance.now()
  requests++
  let failure
  try {
    const response = await send(`${url}${path}`, method, body)
    if (response.status < 300) return { begun, ...JSON.parse(response.body) }
    failure = response.status === 503 && !response.retryAfter ? '503 without Retry-After' : `${response.status}`
  } catch (error) {
    failure = error.code ?? error.message
  } finally {
    longest = Math.max(longest, performance.now() - begun)
  }
  failures[failure] = (failures[failure] ?? 0) + 1
  // Less than Retry-After, so that the end of the outage is measured.
  await pause(100)
}

async function write(session) {
  while (!ending) {
    const message = await load(`/api/sessions/${session}/messages`, 'POST', { role: 'user', content: 'Kept' })
    if (!message) continue
    acknowledged.get(session).add(message.id)
    if (promotedAt && message.begun > promotedAt) writtenAt ??= performance.now()
    await pause(10)
  }
}

async function read(session) {
  for (let i = 0; !ending; i++) {
    await load(i % 2 ? '/api/sessions' : `/api/sessions/${session}`, 'GET')
    await pause(10)
  }
}

async function stored(session) {
  const ids = new Set()
  let cursor = ''
  do {
    const response = await send(`${url}/api/sessions/${session}/messages?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, 'GET')
    if (response.status !== 200) throw new Error(`The messages cannot be read: ${response.status} ${response.body}`)
    const page = JSON.parse(response.body)
    for (const message of page.messages) ids.add(message.id)
    cursor = page.nextCursor
  } while (cursor)
  return ids
}

process.on('SIGUSR1', () => (lostAt = performance.now()))

for (let i = 0; i < writers; i++) {
  const response = await send(`${url}/api/sessions`, 'POST', {})
  if (response.status !== 201) throw new Error(`A session cannot be created: ${response.status} ${response.body}`)
  acknowledged.set(JSON.parse(response.body).sessionId, new Set())
}

const sessions = [...acknowledged.keys()]
const all = [...sessions.map(write), ...Array.from({ length: readers }, (_, i) => read(sessions[i % writers]))]
const until = performance.now() + limitSeconds * 1000
while (!writtenAt) {
  if (performance.now() > until) throw new Error(`${promotedAt ? 'Writes do not go on' : 'There is no promotion'}: ${JSON.stringify(failures)}`)
  await pause(50)
  if (!lostAt || promotedAt) continue
  const response = await send(primary, 'GET').catch(() => undefined)
  if (response?.status === 200) promotedAt = performance.now()
}

await pause(3000)
ending = true
await Promise.all(all)

let lost = 0
for (const [session, ids] of acknowledged) {
  const kept = await stored(session)
  for (const id of ids) if (!kept.has(id)) lost++
}

writeFileSync(
  file,
  JSON.stringify({
    requests,
    failures,
    longestSeconds: seconds(0, longest),
    acknowledged: sessions.reduce((sum, session) => sum + acknowledged.get(session).size, 0),
    lost,
    secondsToPromotion: seconds(lostAt, promotedAt),
    secondsFromPromotion: seconds(promotedAt, writtenAt),
    secondsFromLoss: seconds(lostAt, writtenAt),
  }),
)
process.exit()
