// The TypeScript SDK of the first generation. Arguments: URL TOKEN calls|talk|pages
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema, ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { answers, run } from "./scenario.mjs";

const [url, token, scenario] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } });
const capabilities = { talk: { elicitation: {}, sampling: {}, roots: {} }, pages: { elicitation: { url: {} } } }[scenario] ?? {};
const pages = [];
const client = new Client({ name: "sdk-v1", version: "1.0.0" }, { capabilities });
if (scenario === "talk") {
  client.setRequestHandler(ElicitRequestSchema, () => answers.elicitation);
  client.setRequestHandler(CreateMessageRequestSchema, () => answers.sampling);
  client.setRequestHandler(ListRootsRequestSchema, () => answers.roots);
}
if (scenario === "pages") {
  client.setRequestHandler(ElicitRequestSchema, (asked) => (pages.push(asked.params), { action: "accept" }));
}
const changed = new Promise((heard) => client.setNotificationHandler(ToolListChangedNotificationSchema, () => heard("heard")));
await client.connect(transport);
await run({
  version: () => transport.protocolVersion,
  tools: async () => (await client.listTools()).tools,
  call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
  changed,
  pages,
  close: () => client.close(),
}, scenario);
