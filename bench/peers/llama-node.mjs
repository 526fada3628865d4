#!/usr/bin/env node
/*
Times llama.cpp's dense decoding on the CPU, as node-llama-cpp builds it (with AVX-512 where there is), beside
`resa bench generate`. It runs the model that ships, with the very weights:

    ./resa bench generate --gguf clerk.gguf -d 4K -p 0 -n 1 -r 1 --no-stages
    npm install --prefix DIR node-llama-cpp@3.21.1
    node bench/peers/llama-node.mjs --modules DIR --gguf clerk.gguf --context 4K,32K > llama.json
    ./resa bench generate --engine jvm --peer llama.json -d 4K,32K -p 0 -n 64

One sequence, greedy, token by token, KV cache in fp16, after the example prompt as often as it takes, prefilled. Times
are wall times of a token, with all that node-llama-cpp does for it: a decoded token's thread start and sampling
included. Each --flash (attention with its flash kernel or without) and each number of --threads is timed; rows hold
the fastest, unless --all asks for each. What does not write the example answer is not printed and ends the script
with 1.
*/

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const CHECKED_TOKENS = 64;
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const ARCHITECTURES = { x64: "amd64", arm64: "aarch64" };

const { values: given } = parseArgs({
  options: {
    modules: { type: "string", default: "." },
    gguf: { type: "string" },
    model: { type: "string", default: path.join(ROOT, "models/clerk") },
    context: { type: "string", default: "4K,32K" },
    threads: { type: "string", default: "1,2" },
    flash: { type: "string", default: "on,off" },
    generated: { type: "string", short: "n", default: "64" },
    repetitions: { type: "string", short: "r", default: "5" },
    // Rows are compared with those of the JVM engine, which names its processor so.
    "device-name": { type: "string", default: `OpenJDK 64-Bit Server VM, ${ARCHITECTURES[process.arch] ?? process.arch}` },
    all: { type: "boolean", default: false },
  },
});

/** 4096, 64K or 1M; K is 1024. */
function tokens(text) {
  const [, count, unit] = /^(\d+)([KM]?)$/i.exec(text) ?? fail(`no number of tokens: ${text}`);
  return Number(count) * { "": 1, K: 1 << 10, M: 1 << 20 }[unit.toUpperCase()];
}

function list(text, read) {
  return text.split(",").map(read);
}

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

/** Median, first and third quartile, interpolated between neighbours. */
function quartiles(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  return [0.5, 0.25, 0.75].map((share) => {
    const at = share * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  });
}

/** Feeds a token and `count - 1` more, those chosen; returns what was chosen after each. */
async function decode(sequence, first, count) {
  const chosen = [];
  let token = first;
  for (let i = 0; i < count; i++) {
    const [output] = await sequence.controlledEvaluate([
      [token, { generateNext: { token: true, options: { temperature: 0 } } }],
    ]);
    token = output.next.token;
    chosen.push(token);
  }
  return chosen;
}

/** Whether it writes what the example answer says. */
async function isRight(model, sequence, prompt, answer) {
  await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1));
  const written = await decode(sequence, prompt.at(-1), CHECKED_TOKENS);
  await sequence.clearHistory();
  const words = model.detokenize(written, true).trim().split(/\s+/);
  return words.length > 1 && words.every((word, i) => word === answer[i]);
}

/** Milliseconds a token of each run after `depth` tokens; one run goes before, unmeasured. */
async function measure(sequence, text, depth, count, repetitions) {
  const at = (i) => text[i % text.length];
  const missing = Array.from({ length: depth - sequence.nextTokenIndex }, (_, i) => at(sequence.nextTokenIndex + i));
  await sequence.evaluateWithoutGeneratingNewTokens(missing);
  const samples = [];
  for (let run = -1; run < repetitions; run++) {
    if (sequence.nextTokenIndex !== depth) {
      fail(`${sequence.nextTokenIndex} tokens are in the cache, not ${depth}`);
    }
    const start = performance.now();
    await decode(sequence, at(depth), count);
    if (run >= 0) {
      samples.push((performance.now() - start) / count);
    }
    await sequence.eraseContextTokenRanges([{ start: depth, end: depth + count }]);
  }
  return samples;
}

function row(llama, model, version, { flash, threads }, depth, count, samples) {
  const { general, [model.fileInfo.metadata.general.architecture]: sizes } = model.fileInfo.metadata;
  const [heads, kvHeads] = [sizes.attention.head_count, sizes.attention.head_count_kv];
  const width = sizes.attention.key_length ?? sizes.embedding_length / heads;
  // What the library that was loaded says of itself.
  const sets = [...llama.systemInfo.matchAll(/(\w+) = 1/g)].map(([, name]) => name).filter((name) => /^(AVX|NEON|SVE)/.test(name));
  const [median, q1, q3] = quartiles(samples);
  return {
    benchmark: "generate",
    engine: "llama.cpp",
    device: "cpu",
    device_name: given["device-name"],
    backend:
      `llama.cpp ${llama.llamaCppRelease.release}, node-llama-cpp ${version}, ${sets.join(" ")}, ` +
      `${flash ? "flash" : "no flash"}, ${threads} thread${threads > 1 ? "s" : ""}`,
    kv_type: "f16",
    shape: general.name,
    heads,
    kv_heads: kvHeads,
    head_dim: width,
    batch: 1,
    context: depth,
    keep_ratio: 1,
    block_size: 16,
    min_blocks: 1,
    local_blocks: 0,
    rectify_every: 0,
    stage: `dense tg${count}`,
    bytes: model.size + 2 * 2 * sizes.block_count * kvHeads * width * (depth + Math.floor(count / 2)),
    tokens: 1,
    // The share of checked tokens that are others than expected; rows with any are left out.
    error: 0,
    wall_ms: median,
    wall_q1_ms: q1,
    wall_q3_ms: q3,
  };
}

async function main() {
  const folder = path.resolve(given.modules, "node_modules/node-llama-cpp");
  if (given.gguf === undefined || !fs.existsSync(folder)) {
    fail("--gguf FILE and --modules DIR, where node-llama-cpp is installed, are needed");
  }
  const { getLlama } = await import(pathToFileURL(path.join(folder, "dist/index.js")));
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const depths = list(given.context, tokens).sort((a, b) => a - b);
  const count = Number(given.generated);

  const llama = await getLlama({ gpu: false, build: "never", maxThreads: 0, logLevel: "error" });
  const model = await llama.loadModel({ modelPath: given.gguf, gpuLayers: 0 });
  const read = (name) => fs.readFileSync(path.join(given.model, name), "utf8").trim();
  const prompt = model.tokenize(read("example-prompt.txt"), true);
  const answer = read("example-answer.txt").split(/\s+/);

  const best = new Map(depths.map((depth) => [depth, []]));
  let wrong = false;
  for (const flash of list(given.flash, (text) => text === "on")) {
    for (const threads of list(given.threads, Number)) {
      const context = await model.createContext({
        // With some to spare: a full one would drop its beginning.
        contextSize: Math.max(prompt.length + CHECKED_TOKENS, depths.at(-1) + count) + 256,
        flashAttention: flash,
        threads: { ideal: threads, min: threads },
        batching: { dispatchSchedule: (dispatch) => dispatch() },
      });
      const sequence = context.getSequence();
      const what = `flash ${flash ? "on" : "off"}, ${threads} threads`;
      if (await isRight(model, sequence, prompt, answer)) {
        for (const depth of depths) {
          const samples = await measure(sequence, prompt, depth, count, Number(given.repetitions));
          best.get(depth).push(row(llama, model, version, { flash, threads }, depth, count, samples));
          process.stderr.write(`${what}, ${depth} tokens: ${samples.map((ms) => ms.toFixed(2)).join(" ")} ms\n`);
        }
      } else {
        wrong = true;
        process.stderr.write(`${what}: WRONG, not the example answer\n`);
      }
      if (context.currentThreads !== threads || context.kvCacheKeyType !== 1 || context.kvCacheValueType !== 1) {
        fail(`${what}: runs with ${context.currentThreads} threads and another cache than fp16`);
      }
      await context.dispose();
    }
  }
  const rows = [...best.values()].flatMap((all) =>
    given.all ? all : all.toSorted((a, b) => a.wall_ms - b.wall_ms).slice(0, 1),
  );
  process.stdout.write(`[\n${rows.map((columns) => JSON.stringify(columns)).join(",\n")}\n]\n`);
  await llama.dispose();
  process.exitCode = wrong ? 1 : 0;
}

await main();
