// Many editors of real Yjs that lose their connection, edit on and come back: one JSON command a line in, news a line out.
// {do: "open", name, url, token, client?}, {do: "edit", name, edit: [...]}, {do: "cut" | "offline" | "close", name},
// {do: "online", name, url?}, {do: "show", name, ask}
import readline from 'node:readline'
import WebSocket from 'ws'
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import * as sync from 'y-protocols/sync'
import * as Y from 'yjs'

const RETRY_MS = [30, 250]
const MAPS = ['annotations', 'labels', 'decisions', 'comments']
const NOTE = 'text/note'
const say = message => process.stdout.write(JSON.stringify(message) + '\n')

// Tokens are typed and taken as wholes, `<...>`, so that one that is there twice can be seen.
const boundary = (text, chance) => {
  const places = [0]
  for (let at = text.indexOf('>'); at >= 0; at = text.indexOf('>', at + 1)) places.push(at + 1)
  return places[Math.min(places.length - 1, Math.floor(chance * places.length))]
}
const edits = {
  put: (doc, root, key, value) => doc.getMap(root).set(key, value),
  remove: (doc, root, key) => doc.getMap(root).delete(key),
  type: (doc, token, chance) => { const text = doc.getText(NOTE); text.insert(boundary(text.toString(), chance), token) },
  untype: (doc, token) => { const text = doc.getText(NOTE); const at = text.toString().indexOf(token); if (at >= 0) text.delete(at, token.length) }
}

class Editor {
  constructor ({ name, url, token, client }) {
    Object.assign(this, { name, url, token })
    this.doc = new Y.Doc()
    if (client) this.doc.clientID = client
    this.made = 0
    this.offline = this.closed = this.answered = this.synced = false
    this.doc.on('update', (update, origin) => {
      if (origin !== this && this.answered) this.send(encoder => sync.writeUpdate(encoder, update), true)
    })
    this.connect()
  }

  connect () {
    if (this.offline || this.closed) return
    this.answered = false
    this.sent = 0
    this.waiting = [] // [number of the message, how many of my edits it completes]
    const socket = this.socket = new WebSocket(this.url + (this.epoch === undefined ? '' : `?epoch=${this.epoch}`), 'colabel.v1', { headers: { Authorization: `Bearer ${this.token}` }, perMessageDeflate: false })
    socket.on('open', () => this.send(encoder => sync.writeSyncStep1(encoder, this.doc)))
    socket.on('message', (data, binary) => { if (socket === this.socket) binary ? this.frame(data) : this.event(JSON.parse(data)) })
    socket.on('error', () => {})
    socket.on('close', code => {
      if (socket !== this.socket) return
      this.answered = this.synced = false
      say({ name: this.name, synced: false, code })
      if (code >= 4400 && code < 4500) this.closed = true
      else setTimeout(() => { if (socket === this.socket) this.connect() }, RETRY_MS[0] + Math.random() * (RETRY_MS[1] - RETRY_MS[0]))
    })
  }

  send (write, numbered = false) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 0)
    write(encoder)
    if (numbered) this.waiting.push([++this.sent, this.made])
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encoding.toUint8Array(encoder))
  }

  frame (data) {
    const decoder = decoding.createDecoder(new Uint8Array(data))
    if (decoding.readVarUint(decoder) !== 0) return
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 0)
    const kind = sync.readSyncMessage(decoder, encoder, this.doc, this)
    if (encoding.length(encoder) > 1) {
      this.waiting.push([++this.sent, this.made])
      this.socket.send(encoding.toUint8Array(encoder))
      this.answered = true
    }
    if (kind === sync.messageYjsSyncStep2) { this.synced = true; this.epoch = this.toldEpoch; say({ name: this.name, synced: true }) }
  }

  event (event) {
    if (event.type === 'refused') say({ name: this.name, refused: event.sentence })
    if (event.type === 'hello') this.toldEpoch = event.epoch
    if (event.type !== 'saved') return
    let acked = -1
    while (this.waiting.length && this.waiting[0][0] <= event.upto) acked = this.waiting.shift()[1]
    if (acked >= 0) say({ name: this.name, acked })
  }

  edit ([kind, ...args]) {
    this.made++
    this.doc.transact(() => edits[kind](this.doc, ...args), 'mine')
  }

  leave () {
    this.answered = this.synced = false
    this.socket.terminate()
  }

  show () {
    const pending = this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null
    return { ...Object.fromEntries(MAPS.map(root => [root, this.doc.getMap(root).toJSON()])), note: this.doc.getText(NOTE).toString(), pending }
  }
}

const all = new Map()
const commands = {
  open: command => all.set(command.name, new Editor(command)),
  edit: ({ name, edit }) => all.get(name).edit(edit),
  cut: ({ name }) => all.get(name).leave(),
  offline: ({ name }) => { const editor = all.get(name); editor.offline = true; editor.leave() },
  online: ({ name, url }) => { const editor = all.get(name); editor.offline = false; editor.url = url ?? editor.url; editor.connect() },
  close: ({ name }) => { const editor = all.get(name); editor.closed = true; editor.leave(); all.delete(name) },
  show: ({ name, ask }) => say({ name, ask, show: all.get(name).show() })
}

readline.createInterface({ input: process.stdin }).on('close', () => process.exit(0)).on('line', line => {
  const command = JSON.parse(line)
  commands[command.do](command)
})
