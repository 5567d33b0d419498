// The TypeScript SDK of the second generation. Arguments: URL TOKEN calls|talk|pages default|auto|VERSION
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { answers, run } from "./scenario.mjs";

const [url, token, scenario, mode] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } });
const capabilities = { talk: { elicitation: { form: {} }, sampling: {}, roots: {} }, pages: { elicitation: { url: {} } } }[scenario] ?? {};
const pages = [];
const versionNegotiation = mode === "default" ? undefined : { mode: mode === "auto" ? mode : { pin: mode } };
let hear;
const changed = new Promise((heard) => (hear = heard));
const listChanged = { tools: { autoRefresh: false, onChanged: () => hear("heard") } };
const client = new Client({ name: "sdk-v2", version: "1.0.0" }, { capabilities, versionNegotiation, listChanged });
if (scenario === "talk") {
  client.setRequestHandler("elicitation/create", () => answers.elicitation);
  client.setRequestHandler("sampling/createMessage", () => answers.sampling);
  client.setRequestHandler("roots/list", () => answers.roots);
}
if (scenario === "pages") {
  client.setRequestHandler("elicitation/create", (asked) => (pages.push(asked.params), { action: "accept" }));
}
await client.connect(transport);
await run({
  version: () => client.getNegotiatedProtocolVersion(),
  tools: async () => (await client.listTools()).tools,
  call: (name, args, options) => client.callTool({ name, arguments: args }, options),
  changed,
  pages,
  close: () => client.close(),
}, scenario);
