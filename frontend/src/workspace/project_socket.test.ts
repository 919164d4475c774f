import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { until } from "../../tests/open";
import { TIMES } from "./line";
import { ProjectSocket, type TaskChange } from "./project_socket";

let server: WebSocketServer;
let socket: ProjectSocket;
let tasks: TaskChange[];
let revisions: number[];
let reconnections: number;
const times = { ...TIMES };

beforeEach(async () => {
  Object.assign(globalThis, { WebSocket });
  Object.assign(TIMES, { firstRetry: 5, longestRetry: 20 });
  [tasks, revisions, reconnections] = [[], [], 0];
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((started) => server.once("listening", started));
  server.on("connection", (each) => each.send(JSON.stringify({ type: "here", people: [{ session: "a", user: { id: 2, name: "ben", colour: "#b4478e" }, task: 7 }] })));
  socket = new ProjectSocket({
    address: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/projects/1/`,
    onTasks: (changed) => tasks.push(...changed),
    onRevision: (revision) => revisions.push(revision),
    onReconnected: () => (reconnections += 1),
  });
  socket.open();
  await until(() => socket.here.value.length === 1);
});

afterEach(() => {
  Object.assign(TIMES, times);
  socket.close();
  for (const each of server.clients) each.terminate();
  server.close();
});

it("tells who is where, what changed and that the project did", async () => {
  say({ type: "tasks", tasks: [{ id: 7, status: "submitted", annotations: 3, suggestions: 0 }] });
  say({ type: "project", revision: 4 });
  say({ type: "something of a later version" });
  await until(() => revisions.length === 1);
  expect(socket.here.value[0]).toMatchObject({ user: { name: "ben" }, task: 7 });
  expect([tasks, revisions]).toEqual([[{ id: 7, status: "submitted", annotations: 3, suggestions: 0 }], [4]]);
});

it("knows nobody while the line is down, comes back, and says that it did", async () => {
  for (const each of server.clients) each.terminate();
  await until(() => socket.here.value.length === 0);
  await until(() => socket.here.value.length === 1);
  expect(reconnections).toBe(1);
});

it("stays away when it is sent away", async () => {
  for (const each of server.clients) each.close(4404);
  await until(() => socket.here.value.length === 0);
  await new Promise((longer) => setTimeout(longer, 60));
  expect([socket.here.value, server.clients.size, reconnections]).toEqual([[], 0, 0]);
});

function say(event: object): void {
  for (const each of server.clients) each.send(JSON.stringify(event));
}
