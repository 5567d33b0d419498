// The TypeScript SDK of the second generation. Arguments: URL TOKEN default|auto|VERSION
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { run } from "./scenario.mjs";

const [url, token, mode] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } });
const versionNegotiation = mode === "default" ? undefined : { mode: mode === "auto" ? mode : { pin: mode } };
const client = new Client({ name: "sdk-v2", version: "1.0.0" }, { versionNegotiation });
await client.connect(transport);
await run({
  version: () => client.getNegotiatedProtocolVersion?.() ?? transport.protocolVersion,
  tools: async () => (await client.listTools()).tools,
  call: (name, args, onprogress) => client.callTool({ name, arguments: args }, { onprogress }),
  close: () => client.close(),
});
