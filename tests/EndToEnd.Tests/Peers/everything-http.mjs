// server-everything listens on every address of the machine. Here it is made to take loopback and a free port, and says
// which. It ends with its standard input, so that none is left behind when a test run is killed.
// Arguments: sse | streamableHttp
import { Server } from "node:net";

const listen = Server.prototype.listen;
Server.prototype.listen = function (_port, listening) {
  return listen.call(this, 0, "127.0.0.1", () => {
    console.log(`listening on ${this.address().port}`);
    listening?.();
  });
};
process.stdin.resume().on("end", () => process.exit(0));
await import("@modelcontextprotocol/server-everything/dist/index.js");
