// What every client does with the fixture server behind the gate, whatever its API: the calls are the same, and what came
// of each is printed as one JSON object for the test to judge.

const outcome = async (call) => {
  try {
    return { result: await call() };
  } catch (error) {
    return { thrown: { name: error.constructor.name, code: error.code ?? null, message: error.message } };
  }
};

// `client` has: version(), tools(), call(name, args, onProgress), close()
export async function run(client) {
  const progress = [];
  const seen = {
    version: client.version(),
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
  seen.slow = await outcome(() => client.call("slow", { steps: 3, ms: 30 }, (heard) => progress.push(heard)));
  seen.progress = progress;
  await client.close();
  console.log(JSON.stringify(seen));
  process.exit(0);
}
