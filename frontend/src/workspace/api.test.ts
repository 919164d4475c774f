import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";

import { ApiError, getTask, listTasks, nextTask, startRun, submit } from "./api";

let server: Server;
let asked: { method: string; url: string; token: string | undefined; body: string }[];
let answer: { status: number; body: string };
const fetchFromPage = globalThis.fetch;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: "{}" };
  server = createServer((request, response) => {
    void readBody(request).then((body) => {
      asked.push({ method: request.method ?? "", url: request.url ?? "", token: request.headers["x-csrftoken"] as string | undefined, body });
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(answer.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // Node has no page whose address a path could be relative to.
  globalThis.fetch = (address, init) => fetchFromPage(new URL(address as string, origin), init);
  Object.assign(globalThis, { document: { cookie: "other=1; csrftoken=abc", querySelector: () => null } });
});

afterEach(() => {
  globalThis.fetch = fetchFromPage;
  server.close();
});

it("sends the CSRF token with what changes something, and only then", async () => {
  answer.body = '{"status":"submitted"}';
  expect(await submit(7)).toBe("submitted");
  await getTask(7);
  expect(asked.map(({ method, url, token }) => [method, url, token])).toEqual([
    ["POST", "/api/tasks/7/submit", "abc"],
    ["GET", "/api/tasks/7", undefined],
  ]);
});

it("asks for a page with what was given", async () => {
  answer.body = '{"items":[],"next":null}';
  await listTasks(3, { after: 5, limit: 20, search: "a&b", label: "" });
  expect(asked[0]?.url).toBe("/api/projects/3/tasks?after=5&limit=20&search=a%26b");
  answer.body = '{"task":9}';
  expect(await nextTask(3, 5)).toBe(9);
});

it("says a problem's own sentence", async () => {
  answer = { status: 409, body: '{"title":"Conflict","detail":"The field “Sentiment” waits for an answer."}' };
  await expect(submit(1)).rejects.toEqual(new ApiError(409, "The field “Sentiment” waits for an answer."));
});

it("has a sentence for a page that is not ours", async () => {
  answer = { status: 502, body: "<h1>Bad gateway</h1>" };
  await expect(startRun(1, 2)).rejects.toThrow("it answered 502");
  expect(asked[0]?.body).toBe('{"backend":2}');
});

it("says that the server cannot be reached", async () => {
  server.close();
  server.closeAllConnections();
  await expect(getTask(1)).rejects.toThrow("cannot be reached");
});

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
