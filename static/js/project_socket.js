// The events of one project (/ws/projects/<id>/), for pages that only look on. Comes back by itself after a loss.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const FINAL = { from: 4400, to: 4499 }; // log in, not allowed, not found: asking again would not help

export function projectEvents(project, hear) {
  let wait = FIRST_WAIT_MS;
  const open = () => {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/projects/${project}/`);
    socket.onopen = () => hear({ type: "found" });
    socket.onmessage = (message) => {
      wait = FIRST_WAIT_MS;
      hear(JSON.parse(message.data));
    };
    socket.onclose = ({ code }) => {
      hear({ type: "here", people: [] }); // who was here is no longer known
      hear({ type: "lost" });
      if (code >= FINAL.from && code <= FINAL.to) return;
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  open();
}
