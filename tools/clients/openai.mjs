// OpenAI's client for Node against a running server: whole and streamed answers, tools, schemas, leaving, errors.
// Arguments: the server's address, its key, the model's name. Says what it saw; fails with the first thing that is wrong.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 60_000 });
const chats = client.chat.completions;
const messages = [{ role: 'user', content: 'Hello' }];
const short = { model, messages, temperature: 1, seed: 5, max_completion_tokens: 20 };
const said = (what) => console.log(`node: ${what}`);

async function metric(name) {
  const answer = await fetch(new URL('/metrics', baseURL), { headers: { Authorization: `Bearer ${apiKey}` } });
  const line = (await answer.text()).split('\n').find((each) => each.startsWith(`${name} `));
  assert.ok(line, `no metric ${name}`);
  return Number(line.slice(name.length + 1));
}

async function streams() {
  const whole = await chats.create(short);
  assert.equal(whole.choices[0].finish_reason, 'length');
  assert.equal(whole.usage.completion_tokens, 20);
  const stream = await chats.create({ ...short, stream: true, stream_options: { include_usage: true } });
  let text = '';
  let pieces = 0;
  let usage;
  for await (const chunk of stream) {
    const part = chunk.choices[0]?.delta?.content ?? '';
    text += part;
    pieces += part ? 1 : 0;
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.ok(pieces > 1, 'it came in one piece');
  assert.equal(usage.total_tokens, whole.usage.total_tokens);
  assert.ok(usage.prompt_tokens_details.cached_tokens > 0, 'nothing of the prompt was cached');
  said(`a text whole, and the same in ${pieces} pieces; ${JSON.stringify(usage)}`);
}

const tools = [{
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
}];

// The weights are random: with some seeds a string does not end.
async function callsTools() {
  for (let seed = 1; seed <= 30; seed++) {
    const asked = { ...short, seed, max_completion_tokens: 400, tools, tool_choice: 'required' };
    const { choices: [{ message, finish_reason: reason }] } = await chats.create(asked);
    if (reason === 'length') continue;
    assert.equal(reason, 'tool_calls');
    const [call] = message.tool_calls;
    assert.equal(call.function.name, 'get_weather');
    assert.equal(typeof JSON.parse(call.function.arguments), 'object');
    // The client puts a streamed message together by itself.
    const streamed = await chats.stream(asked).finalMessage();
    assert.deepEqual(streamed.tool_calls[0].function.arguments, call.function.arguments);
    const result = { role: 'tool', tool_call_id: call.id, content: 'rain' };
    const answer = await chats.create({ ...short, messages: [...messages, message, result], tools });
    assert.ok(answer.usage.prompt_tokens > 100);
    said(`a call, whole and streamed: ${call.function.name} ${call.function.arguments.slice(0, 60)}`);
    return;
  }
  assert.fail('no call ended');
}

const city = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2, maxLength: 10 },
    size: { enum: ['small', 'large'] },
    twins: { type: 'array', items: { anyOf: [{ type: 'null' }, { const: 'größer' }] }, minItems: 1, maxItems: 2 },
  },
  required: ['name', 'size', 'twins'],
  additionalProperties: false,
};

// Random weights write much white space, which is bounded.
async function followsASchema() {
  const format = { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: city } };
  for (let seed = 1; seed <= 30; seed++) {
    const asked = { ...short, seed, max_completion_tokens: 1200, response_format: format };
    const { choices: [{ message, finish_reason: reason }] } = await chats.create(asked);
    if (reason === 'length') continue;
    const answer = JSON.parse(message.content);
    assert.deepEqual(Object.keys(answer), ['name', 'size', 'twins']);
    assert.ok([...answer.name].length >= 2 && [...answer.name].length <= 10, answer.name);
    assert.ok(city.properties.size.enum.includes(answer.size));
    assert.ok([1, 2].includes(answer.twins.length) && answer.twins.every((twin) => [null, 'größer'].includes(twin)));
    const streamed = await chats.stream(asked).finalMessage();
    assert.equal(streamed.content, message.content);
    said(`an answer by a schema, whole and streamed: ${JSON.stringify(answer)}`);
    return;
  }
  assert.fail('no answer ended');
}

async function leaves() {
  const before = await metric('resa_texts_total{finish="cancelled"}');
  const stream = await chats.create({ model, messages, temperature: 0, stream: true });
  let pieces = 0;
  for await (const chunk of stream) {
    pieces += chunk.choices[0].delta.content ? 1 : 0;
    if (pieces === 3) stream.controller.abort();
  }
  const end = Date.now() + 20_000;
  while ((await metric('resa_texts_total{finish="cancelled"}')) === before) {
    assert.ok(Date.now() < end, 'the text goes on without its client');
    await new Promise((done) => setTimeout(done, 20));
  }
  // As of the last step, which may be the one that ended it.
  while ((await metric('resa_texts_running')) !== 0) {
    assert.ok(Date.now() < end, 'the text runs on without its client');
    await new Promise((done) => setTimeout(done, 20));
  }
  said(`left after ${pieces} pieces, and the server counts a text as cancelled`);
}

async function isTold(type, status, code, param, request) {
  await assert.rejects(request, (error) => {
    assert.ok(error instanceof type, `${error}`);
    assert.deepEqual([error.status, error.code, error.param ?? null], [status, code, param], `${error}`);
    said(`${status} ${code}: ${error.message}`);
    return true;
  });
}

async function isToldWhatIsWrong() {
  const stranger = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
  await isTold(OpenAI.AuthenticationError, 401, 'invalid_api_key', null, stranger.chat.completions.create(short));
  await isTold(OpenAI.BadRequestError, 400, 'unsupported_parameter', 'sparkle', chats.create({ ...short, sparkle: 1 }));
  await isTold(OpenAI.NotFoundError, 404, 'model_not_found', 'model', chats.create({ ...short, model: 'other' }));
  const schema = { type: 'object', properties: { date: { type: 'string', format: 'date' } } };
  await isTold(
    OpenAI.BadRequestError, 400, 'unsupported_parameter', 'response_format.json_schema.schema.properties.date.format',
    chats.create({ ...short, response_format: { type: 'json_schema', json_schema: { name: 'day', schema } } }),
  );
}

for (const check of [streams, callsTools, followsASchema, leaves, isToldWhatIsWrong]) await check();
