// Load on a running server. Arguments: its address, its key, what to do ("load SECONDS CONNECTIONS" or "hostile COUNT").
// Says what it counted; fails where an answer was none that belongs there.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

const [baseURL, apiKey, what, ...numbers] = process.argv.slice(2);
const address = new URL(`${baseURL}/completions`);
const counts = {};
const count = (name) => { counts[name] = (counts[name] ?? 0) + 1; };
const wait = (millis) => new Promise((done) => { setTimeout(done, millis); });

// One request; resolves to its status and text, or to null where it is left at its first piece.
function post(agent, body, leaves = false) {
  return new Promise((done, failed) => {
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const request = http.request(address, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (piece) => {
        text += piece;
        if (leaves && answer.statusCode === 200) {
          done(null);
          request.destroy();
        }
      });
      answer.on('end', () => done({ status: answer.statusCode, text, after: answer.headers['retry-after'] }));
      answer.on('error', failed);
    });
    request.on('error', failed);
    request.end(body);
  });
}

// Connections that each ask for one text after the other: whole, in events, or in events and left half way.
async function load(seconds, connections) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const end = Date.now() + 1000 * seconds;
  let asked = 0;
  async function client() {
    while (Date.now() < end) {
      const number = asked++;
      const kind = ['in events', 'whole', 'in events', 'left'][number % 4];
      const body = { prompt: `#${number} cir = 3 + 4 ;`, max_tokens: 24, temperature: 0, stream: kind !== 'whole' };
      const answer = await post(agent, JSON.stringify(body), kind === 'left');
      if (answer?.status === 429) {
        count('429');
        assert.ok(Number(answer.after) > 0, 'no Retry-After');
        await wait(1000);
      } else if (answer === null) {
        count('left');
      } else {
        assert.equal(answer.status, 200, answer.text);
        if (kind !== 'whole') assert.ok(answer.text.endsWith('data: [DONE]\n\n'), `torn: ${answer.text}`);
        count(kind);
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
}

// Connections that never end their request's head.
function loris() {
  return new Promise((done) => {
    const began = Date.now();
    const socket = net.connect(Number(address.port), address.hostname, () => {
      socket.write('POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
      const drip = setInterval(() => socket.write('a'), 1000);
      socket.on('close', () => {
        clearInterval(drip);
        count(`slow head closed within ${10 * Math.ceil((Date.now() - began) / 10_000)} s`);
        done();
      });
    });
    socket.on('error', () => {});
    socket.on('data', () => {});
    setTimeout(() => { count('slow head never closed'); socket.destroy(); }, 120_000).unref();
  });
}

const malformed = [
  '{', '', 'null', '[]', '"a"', '{"prompt": 1}', '{"prompt": "a", "max_tokens": -1}', '{"prompt": "a", "sparkle": 1}',
  '{"prompt": "a", "temperature": "hot"}', '{"prompt": "a"', '\u0000', '{"prompt": [-1]}', '{"prompt": "a", "prompt": "b"}',
];

async function hostile(all) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  const slow = Array.from({ length: 50 }, loris);
  let next = 0;
  await Promise.all(Array.from({ length: 20 }, async () => {
    while (next < all) {
      const body = malformed[next++ % malformed.length];
      const { status, text } = await post(agent, body);
      assert.ok(status >= 400 && status < 500, `${status} for ${body}: ${text}`);
      count(status);
    }
  }));
  try {
    const { status } = await post(agent, `{"prompt": "${'x'.repeat(64 << 20)}"}`);
    assert.equal(status, 413);
    count('too large: 413');
  } catch (fault) {
    // It may be told and closed while the rest is still on its way.
    assert.ok(['EPIPE', 'ECONNRESET'].includes(fault.code), fault);
    count('too large: closed');
  }
  await Promise.all(slow);
  const { status } = await post(agent, '{"prompt": "#1 cir = 3 + 4 ;", "max_tokens": 4}');
  assert.equal(status, 200, 'the server is not well');
  agent.destroy();
}

await (what === 'load' ? load : hostile)(...numbers.map(Number));
console.log(`${what}: ${JSON.stringify(counts)}`);
