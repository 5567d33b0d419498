// Judges by Cedar what ../Decision judges by Callgate. A line "CASE COUNT" on stdin is answered with nanoseconds a call.
import { createInterface } from "node:readline";
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";

const tenConditions = `
permit (principal, action == Action::"refund", resource) when {
  context.amount > 0 && context.amount <= 500 && context.currency == "EUR" && ["eu", "us", "uk"].contains(context.region) &&
  context.dry_run == false && context.reason like "*ticket*" && context.order like "ord_*" && context.count >= 1 &&
  context.count < 10 && context.channel != "chat"
};`;
const named = Array.from({ length: 1000 }, (_, i) => `permit (principal, action == Action::"tool_${i}", resource);`).join("\n");

function prepared(id, text) {
  const answer = preparsePolicySet(id, { staticPolicies: text });
  if (answer.type !== "success") {
    throw new Error(`Cedar refuses the policies of ${id}: ${JSON.stringify(answer)}`);
  }
}

function call(id, action, context) {
  return {
    principal: { type: "Agent", id: "laptop" },
    action: { type: "Action", id: action },
    resource: { type: "Server", id: "shop" },
    context,
    preparsedPolicySetId: id,
    entities: [],
  };
}

prepared("ten", tenConditions);
prepared("named", named);
const calls = {
  ten: call("ten", "refund", {
    amount: 120, currency: "EUR", region: "us", dry_run: false, reason: "see ticket 4711", order: "ord_8812", count: 2, channel: "mail",
  }),
  named: call("named", "tool_777", {}),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, count] = line.split(" ");
  const started = process.hrtime.bigint();
  for (let i = 0; i < Number(count); i++) {
    const answer = statefulIsAuthorized(calls[name]);
    if (answer.type !== "success" || answer.response.decision !== "allow") {
      throw new Error(`Cedar does not allow ${name}: ${JSON.stringify(answer)}`);
    }
  }

  console.log(Number(process.hrtime.bigint() - started) / Number(count));
}
