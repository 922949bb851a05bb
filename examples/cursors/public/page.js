// No build and no library: a room takes any WebSocket. This one does not come back by itself.
const id = crypto.randomUUID();
const room = new URL(location.href).searchParams.get("room") ?? "lobby";
const url = new URL(`/parties/cursors/${encodeURIComponent(room)}?_pk=${id}`, location.href);
url.protocol = url.protocol.replace("http", "ws");

const socket = new WebSocket(url);
const status = document.querySelector("#status");
socket.addEventListener("open", () => (status.textContent = "Move. Open a second tab."));
socket.addEventListener("close", () => (status.textContent = "Gone. Reload to come back."));

socket.addEventListener("message", ({ data }) => {
  for (const cursor of document.querySelectorAll(".cursor")) cursor.remove();
  for (const [owner, { x, y }] of JSON.parse(data)) {
    if (owner === id) continue;
    const cursor = document.createElement("div");
    cursor.className = "cursor";
    cursor.style.left = `${x * 100}%`;
    cursor.style.top = `${y * 100}%`;
    document.body.append(cursor);
  }
});

addEventListener("pointermove", ({ clientX, clientY }) => {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify([clientX / innerWidth, clientY / innerHeight]));
});
