// The TypeScript SDK of the first generation. Arguments: URL TOKEN
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { run } from "./scenario.mjs";

const [url, token] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } });
const client = new Client({ name: "sdk-v1", version: "1.0.0" });
await client.connect(transport);
await run({
  version: () => transport.protocolVersion,
  tools: async () => (await client.listTools()).tools,
  call: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress }),
  close: () => client.close(),
});
