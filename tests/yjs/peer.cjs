// Real Yjs documents for tests in Python: one JSON command a line in, one JSON answer a line out. Bytes are base64.
'use strict'
const readline = require('node:readline')
const Y = require('yjs')

const docs = new Map()
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'))
const base64 = (data) => Buffer.from(data).toString('base64')

const edits = {
  put: (doc, root, key, value) => doc.getMap(root).set(key, value),
  remove: (doc, root, key) => doc.getMap(root).delete(key),
  insert: (doc, root, at, text) => doc.getText(root).insert(at, text),
  delete: (doc, root, at, length) => doc.getText(root).delete(at, length),
  format: (doc, root, at, length) => doc.getText(root).format(at, length, { bold: true }),
  nest: (doc, root, key) => doc.getMap(root).set(key, new Y.Map()),
  push: (doc, root, value) => doc.getArray(root).push([value]),
}

// What one transaction of several edits sends to the others; null where it changed nothing.
const edit = (doc, list) => {
  let sent = null
  const keep = (update) => { sent = update }
  doc.on('update', keep)
  doc.transact(() => list.forEach(([name, ...args]) => edits[name](doc, ...args)), 'mine')
  doc.off('update', keep)
  return sent && base64(sent)
}

const read = (doc, maps, texts) => ({
  maps: Object.fromEntries(maps.map((root) => [root, doc.getMap(root).toJSON()])),
  texts: Object.fromEntries(texts.map((root) => [root, doc.getText(root).toString()])),
  pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null,
})

const commands = {
  make: ({ doc, client }) => {
    const made = new Y.Doc()
    made.clientID = client
    docs.set(doc, made)
  },
  free: ({ doc }) => { docs.get(doc)?.destroy(); docs.delete(doc) },
  edit: ({ doc, edits: list }) => edit(docs.get(doc), list),
  apply: ({ doc, update }) => { Y.applyUpdate(docs.get(doc), bytes(update)) },
  state: ({ doc, vector }) => base64(Y.encodeStateAsUpdate(docs.get(doc), vector ? bytes(vector) : undefined)),
  vector: ({ doc }) => base64(Y.encodeStateVector(docs.get(doc))),
  merge: ({ updates }) => base64(Y.mergeUpdates(updates.map(bytes))),
  read: ({ doc, maps, texts }) => read(docs.get(doc), maps, texts),
  // Updates applied one by one to a new document, and what it then shows; an error is an answer, too.
  show: ({ updates, maps, texts }) => {
    const doc = new Y.Doc()
    updates.forEach((update) => Y.applyUpdate(doc, bytes(update)))
    return read(doc, maps, texts)
  },
  undoable: ({ doc, roots }) => {
    const made = docs.get(doc)
    made.undo = new Y.UndoManager(roots.map((root) => made.getMap(root)), { trackedOrigins: new Set(['mine']), captureTimeout: 0 })
  },
  undo: ({ doc }) => {
    let sent = null
    const made = docs.get(doc)
    made.once('update', (update) => { sent = base64(update) })
    made.undo.undo()
    return sent
  },
}

readline.createInterface({ input: process.stdin }).on('close', () => process.exit(0)).on('line', (line) => {
  let answer
  try {
    const command = JSON.parse(line)
    answer = { value: commands[command.op](command) ?? null }
  } catch (error) {
    answer = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
})
