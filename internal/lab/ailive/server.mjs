// Serves a small model in OpenAI's form on 127.0.0.1: node server.mjs MODEL.gguf. Prints its address when it is ready; ends with its standard input.
import http from "node:http";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 4096 });
const sequence = context.getSequence();
let turn = Promise.resolve();

async function answer(q) {
  const system = q.messages.find((m) => m.role === "system")?.content ?? "";
  const user = q.messages.at(-1).content;
  await sequence.clearHistory();
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system });
  const before = sequence.nextTokenIndex;
  const schema = q.response_format?.json_schema?.schema;
  const grammar = schema ? await llama.createGrammarForJsonSchema(schema).catch(() => undefined) : undefined;
  const { responseText, stopReason } = await session.promptWithMeta(user, { maxTokens: q.max_tokens ?? q.max_completion_tokens ?? 600, temperature: 0.7, seed: q.seed ?? 1, grammar });
  const output = model.tokenize(responseText).length;
  session.dispose({ disposeSequence: false });
  return { text: responseText, stop: stopReason === "maxTokens" ? "length" : "stop", input: model.tokenize(system + user).length + before * 0, output };
}

const server = http.createServer((req, res) => {
  let body = "";
  req.on("data", (d) => (body += d));
  req.on("end", () => {
    turn = turn.then(async () => {
      try {
        const q = JSON.parse(body);
        const a = await answer(q);
        res.writeHead(200, { "content-type": "application/json" });
        res.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "smollm2-135m", choices: [{ index: 0, message: { role: "assistant", content: a.text }, finish_reason: a.stop }], usage: { prompt_tokens: a.input, completion_tokens: a.output, total_tokens: a.input + a.output } }));
      } catch (e) {
        res.writeHead(500, { "content-type": "application/json" });
        res.end(JSON.stringify({ error: { message: String(e), type: "server_error" } }));
      }
    });
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
process.stdin.on("end", () => process.exit(0)).resume();
