// What every client does with the fixture server behind the gate, whatever its API: the calls are the same, and what came
// of each is printed as one JSON object for the test to judge.

const PATIENCE = 15_000;

// What a client answers when it is asked.
export const answers = {
  elicitation: { action: "accept", content: { name: "Ada", colour: "green" } },
  sampling: { role: "assistant", model: "none", content: { type: "text", text: "something" } },
  roots: { roots: [{ uri: "file:///a/root", name: "a root" }] },
};

const outcome = async (call) => {
  try {
    return { result: await call() };
  } catch (error) {
    return { thrown: { name: error.constructor.name, code: error.code ?? null, message: error.message } };
  }
};

const within = (promise) =>
  Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(`nothing within ${PATIENCE} ms`)), PATIENCE))]);

const calls = async (client) => {
  const progress = [];
  const seen = {
    tools: await client.tools(),
    sum: await outcome(() => client.call("add", { a: 19, b: 23 })),
    structured: await outcome(() => client.call("structured", { place: "Graz" })),
    failed: await outcome(() => client.call("error", {})),
    refused: await outcome(() => client.call("big", {})),
    unnamed: await outcome(() => client.call("log", {})),
    hidden: await outcome(() => client.call("vendor", {})),
    absent: await outcome(() => client.call("never_was", {})),
    echoes: [],
  };
  for (const text of ["one", "two", "three"]) {
    seen.echoes.push(await outcome(() => client.call("echo", { text })));
  }
  seen.slow = await outcome(() => client.call("slow", { steps: 3, ms: 30 }, { onprogress: (heard) => progress.push(heard) }));
  return { ...seen, progress };
};

const talk = async (client) => {
  const seen = { tools: await client.tools() };
  for (const tool of ["ask_elicitation", "ask_sampling", "ask_roots", "ask_input"]) {
    seen[tool] = await outcome(() => client.call(tool, {}));
  }
  const stop = new AbortController();
  seen.stopped = await outcome(() => client.call("slow", { steps: 3000, ms: 30 }, { onprogress: () => stop.abort(), signal: stop.signal }));
  seen.after = await outcome(() => client.call("add", { a: 1, b: 2 }));
  seen.change = await outcome(() => client.call("change_tools", { kind: "add" }));
  seen.changed = await outcome(() => within(client.changed));
  return { ...seen, toolsAfter: await client.tools() };
};

// A call that people are asked about, from a client that opens pages.
const pages = async (client) => ({ sum: await outcome(() => client.call("add", { a: 19, b: 23 })), pages: client.pages });

// `client` has: version(), tools(), call(name, args, options), changed (a promise), pages (what it was asked to open), close()
export async function run(client, scenario) {
  const seen = await { calls, talk, pages }[scenario](client);
  seen.version = client.version();
  await client.close();
  console.log(JSON.stringify(seen));
  process.exit(0);
}
