/** How the document of a task begins to be fetched. What is to show it may come later. */

import { Connection } from "./connection";
import type { Person, Task } from "./model";

export function connect(task: Pick<Task, "id" | "documents">, me: Person): Connection {
  const address = task.documents[0];
  if (!address) throw new Error(`Task ${task.id} has no document.`);
  const { id: documentId, epoch, socket } = address;
  const connection = new Connection({ address: socket, documentId, epoch, userId: me.id });
  connection.open();
  return connection;
}
