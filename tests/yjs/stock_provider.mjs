// A stock y-websocket provider, as an app of somebody else would use it: joins a document, does as it is told, says what it sees.
// node stock_provider.mjs WS_URL DOCUMENT_ID HEADERS_JSON; commands as JSON lines on standard input.
import readline from 'node:readline'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

const [url, room, headers] = process.argv.slice(2)
class WithHeaders extends WebSocket {
  constructor (address, protocols) { super(address, protocols, { headers: JSON.parse(headers) }) }
}
const doc = new Y.Doc()
const provider = new WebsocketProvider(url, room, doc, { WebSocketPolyfill: WithHeaders, disableBc: true })
const say = message => process.stdout.write(JSON.stringify(message) + '\n')
provider.on('sync', synced => say({ synced }))
provider.on('connection-close', event => say({ closed: event?.code ?? null }))
provider.awareness.setLocalStateField('cursor', 1)

const commands = {
  put: ({ root, key, value }) => doc.getMap(root).set(key, value),
  type: ({ root, at, text }) => doc.getText(root).insert(at, text),
  read: ({ root }) => say({ read: doc.getMap(root).toJSON() }),
  text: ({ root }) => say({ text: doc.getText(root).toString() }),
  people: () => say({ people: [...provider.awareness.getStates().values()] }),
  disconnect: () => provider.disconnect(),
  connect: () => provider.connect(),
  end: () => process.exit(0)
}
readline.createInterface({ input: process.stdin }).on('close', () => process.exit(0)).on('line', line => {
  const { do: name, ...rest } = JSON.parse(line)
  commands[name](rest)
})
