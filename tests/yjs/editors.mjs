// Many editors in one document: how long from an edit to a colleague's document, and to `saved`.
// node editors.mjs WS_URL TOKEN AUTHOR FIELD LABELS LENGTH EDITORS RATE SECONDS -> one JSON line
import WebSocket from 'ws'
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'

const [url, token, author, field, labels, length, editors, rate, seconds] = process.argv.slice(2)
const N = Number(editors)
const now = () => performance.now()
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const sent = new Map()
const seen = []
const saved = []

class Editor {
  constructor (number) {
    this.number = number
    this.doc = new Y.Doc()
    this.waiting = [] // when each numbered message was sent, oldest first
    this.upto = 0
    this.doc.on('update', (update, origin) => { if (origin !== this) this.send(encoder => sync.writeUpdate(encoder, update), true) })
    if (number === 0) {
      this.doc.getMap('annotations').observe(event => {
        if (event.transaction.origin === this) event.keysChanged.forEach(id => sent.has(id) && seen.push(now() - sent.get(id)))
      })
    }
    this.ready = new Promise((resolve, reject) => {
      this.socket = new WebSocket(url, 'colabel.v1', { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: false })
      this.socket.on('open', () => this.send(encoder => sync.writeSyncStep1(encoder, this.doc)))
      this.socket.on('error', reject)
      this.socket.on('message', (data, binary) => binary ? this.frame(data, resolve) : this.event(JSON.parse(data)))
    })
  }

  send (write, numbered = false) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 0)
    write(encoder)
    if (numbered) this.waiting.push(now())
    this.socket.send(encoding.toUint8Array(encoder))
  }

  frame (data, resolve) {
    const decoder = decoding.createDecoder(new Uint8Array(data))
    if (decoding.readVarUint(decoder) !== 0) return
    if (this.number !== 0 && this.synced && data[1] === 2) return // only the first one reads along
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 0)
    const kind = sync.readSyncMessage(decoder, encoder, this.doc, this)
    if (encoding.length(encoder) > 1) { this.waiting.push(null); this.socket.send(encoding.toUint8Array(encoder)) }
    if (kind === sync.messageYjsSyncStep2) { this.synced = true; resolve() }
  }

  event (event) {
    if (event.type === 'refused') throw new Error(event.sentence)
    if (event.type !== 'saved') return
    const at = now()
    for (; this.upto < event.upto; this.upto++) {
      const began = this.waiting.shift()
      if (began) saved.push(at - began)
    }
  }

  edit () {
    const id = `bench-${this.number}-${this.count = (this.count || 0) + 1}-${Math.random().toString(36).slice(2, 10)}`
    const start = Math.floor(Math.random() * (Number(length) - 20))
    const label = labels.split(',')[this.count % labels.split(',').length]
    sent.set(id, now())
    this.doc.getMap('annotations').set(id, { kind: 'span', field, label, value: { start, end: start + 10 }, author: Number(author), origin: 'human', created: new Date().toISOString() })
  }
}

const quantile = (values, q) => values.length ? Math.round([...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] * 100) / 100 : null
const summary = values => ({ count: values.length, p50: quantile(values, 0.5), p95: quantile(values, 0.95), p99: quantile(values, 0.99), max: quantile(values, 1) })

const all = []
for (let i = 0; i < N; i++) { all.push(new Editor(i)); await all[i].ready }
await sleep(500)
const plan = []
for (const editor of all) {
  const phase = Math.random()
  for (let i = 0; i < Number(rate) * Number(seconds); i++) plan.push([(i + phase) * 1000 / Number(rate), editor])
}
plan.sort((a, b) => a[0] - b[0])
const began = now()
for (const [at, editor] of plan) {
  const wait = began + at - now()
  if (wait > 0.5) await sleep(wait)
  editor.edit()
}
const own = plan.filter(([, editor]) => editor.number === 0).length
for (let i = 0; i < 500 && (seen.length < plan.length - own || saved.length < plan.length); i++) await sleep(10)
console.log(JSON.stringify({ editors: N, edits: plan.length, colleague_ms: summary(seen), saved_ms: summary(saved), not_seen: plan.length - own - seen.length, not_saved: plan.length - saved.length }))
process.exit(0)
