// How long a document takes to open: node open.mjs WS_URL TOKEN TIMES -> one JSON line with milliseconds a step.
import WebSocket from 'ws'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'

const [url, token, times] = process.argv.slice(2)
const opens = []
for (let i = 0; i < Number(times); i++) {
  opens.push(await new Promise((resolve, reject) => {
    const began = performance.now()
    const doc = new Y.Doc()
    const socket = new WebSocket(url, 'colabel.v1', { headers: { Authorization: `Bearer ${token}` }, perMessageDeflate: false })
    socket.on('error', reject)
    socket.on('open', () => {
      const encoder = encoding.createEncoder()
      for (const number of [0, 0]) encoding.writeVarUint(encoder, number)
      encoding.writeVarUint8Array(encoder, Y.encodeStateVector(doc))
      socket.send(encoding.toUint8Array(encoder))
    })
    socket.on('message', (data, binary) => {
      if (!binary || data[0] !== 0 || data[1] !== 1) return
      const received = performance.now()
      let at = 2
      while (data[at] & 128) at++
      Y.applyUpdate(doc, new Uint8Array(data.subarray(at + 1)))
      const applied = performance.now()
      socket.terminate()
      resolve({ received_ms: received - began, applied_ms: applied - began, bytes: data.length, annotations: doc.getMap('annotations').size })
    })
  }))
}
console.log(JSON.stringify(opens))
