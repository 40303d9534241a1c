// Serves a small model in OpenAI's form on 127.0.0.1: node server.mjs MODEL.gguf. Prints its address when it is ready; ends with its standard input.
//
// A model of this size can't write JSON, and to hold it to a schema by a grammar takes minutes a message: each token is looked for among all that the grammar allows. So it writes plain sentences
// from a short prompt, and the form is put around them here: each sentence cites the fact with which it shares most words. What it says is its own.
import http from "node:http";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

// One thread: several wait for each other at each step of each token, spinning, which on a machine that does something else besides takes seconds a token.
const threads = Number(process.env.OUTRIDER_AI_LIVE_THREADS ?? 1);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: threads });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 1024, batchSize: 512, threads });
const sequence = context.getSequence();
const mostTokens = 120;
let turn = Promise.resolve();

const words = (s) => new Set(s.toLowerCase().match(/[a-z0-9]{3,}/g) ?? []);

// shape puts a message's sentences into the form that is asked for.
function shape(text, asked) {
  const facts = asked.facts ?? [];
  const cite = (sentence) => {
    const has = words(sentence);
    const shared = facts.map((f) => [[...words(f.text)].filter((w) => has.has(w)).length, f.id]).sort((a, b) => b[0] - a[0])[0];
    return shared && shared[0] > 0 ? [shared[1]] : [];
  };
  const sentences = (text.replace(/\s+/g, " ").match(/[^.!?]+[.!?]+/g) ?? [text]).map((s) => s.trim()).filter(Boolean).slice(0, 6);
  const approved = (asked.approved_sentences ?? []).map((s) => ({ text: s, cites: [], kind: "approved" }));
  return JSON.stringify({ subject: asked.example_subject || "Hello", paragraphs: [{ sentences: approved.slice(0, 1) }, { sentences: sentences.map((s) => ({ text: s, cites: cite(s), kind: "fact" })) }, { sentences: approved.slice(1) }] });
}

async function answer(q, signal) {
  let system = q.messages.find((m) => m.role === "system")?.content ?? "";
  let user = q.messages.at(-1).content;
  let asked;
  if (q.response_format?.json_schema) {
    asked = JSON.parse(user);
    system = "You write short business e-mails.";
    user = `Write two sentences to the reader, with these facts about them, and nothing else:\n${(asked.facts ?? []).map((f) => `- ${f.text}`).join("\n")}`;
  }
  await sequence.clearHistory();
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: system });
  try {
    const { responseText, stopReason } = await session.promptWithMeta(user, { maxTokens: Math.min(q.max_tokens ?? q.max_completion_tokens ?? mostTokens, mostTokens), temperature: 0.7, seed: q.seed ?? 1, signal, stopOnAbortSignal: true });
    const output = model.tokenize(responseText).length;
    // What was cut at the limit is a whole message all the same, but for its last sentence.
    return { text: asked ? shape(responseText, asked) : responseText, stop: asked || stopReason !== "maxTokens" ? "stop" : "length", input: model.tokenize(system + user).length, output };
  } finally {
    session.dispose({ disposeSequence: false });
  }
}

const server = http.createServer((req, res) => {
  let body = "";
  const gone = new AbortController();
  res.on("close", () => gone.abort());
  req.on("data", (d) => (body += d));
  req.on("end", () => {
    turn = turn.then(async () => {
      if (gone.signal.aborted) return; // nobody waits for it any more
      try {
        const q = JSON.parse(body);
        const a = await answer(q, gone.signal);
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
