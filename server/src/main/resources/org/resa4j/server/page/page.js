// The page: the key, settings and the conversation.

import { AnswerText } from "./answer.js";
import { ApiError, get, key, stream } from "./api.js";
import { Clock } from "./clock.js";
import { follow, showMap } from "./reading.js";
import { Trace } from "./trace.js";
import { $, make, number } from "./words.js";

const HINTS = {
  dense: "Each step reads the whole cache.",
  sparse: "Each step reads the blocks that it most likely looks at. Nothing mends what that gets wrong.",
  resa: "Sparse, and the last tokens are encoded again with the whole cache at times: rectified.",
  exact: "Sparse steps draft, one dense pass verifies. The text is dense decoding's.",
};

/** What /props says. */
let server;

/** Of a chat; a model without a chat template goes on with each text by itself. */
let messages = [];

/** Ends the answer that comes; null where none does. */
let running = null;

// --- Start and key ---

async function start() {
  // Also where what follows fails: a key may be what it fails for.
  $("forget").hidden = key.get() === null;
  try {
    server = await get("/props");
  } catch (fault) {
    fail(fault);
    if (fault.status !== 401) {
      $("about").textContent = "Not connected.";
    }
    $("send").disabled = false;
    return;
  }
  showServer();
  $("send").disabled = false;
  say("");
  $("prompt").focus();
}

function showServer() {
  document.title = `${server.model} · ReSA4J`;
  $("about").textContent =
    `${server.model} on ${server.device}, ${number.format(server.context_length)} tokens of context, ` +
    `blocks of ${server.attention.block_size}`;
  if (server.attention.keep_ratio < 1) {
    $("keep").value = server.attention.keep_ratio;
  }
  $("temperature").value = server.sampling.temperature;
  const mode = defaultMode(server.attention);
  document.querySelector(`input[name=mode][value=${mode}]`).checked = true;
  showMode();
  $("prompt-label").textContent = server.chat ? "Message" : "Text to go on with";
  $("new").textContent = server.chat ? "New chat" : "Clear";
  $("empty").textContent = server.chat
    ? "Nothing said yet."
    : "The model has no chat template: it goes on with a text, as it stands here, and each text stands by itself.";
  if (!server.resa_trace) {
    $("untold").textContent =
      `${server.device} does not tell which blocks it reads, so there is no map here. ` +
      "The JVM engine does: resa serve --engine jvm.";
    $("untold").hidden = false;
    $("told").hidden = true;
  }
}

function defaultMode(attention) {
  if (attention.exact) {
    return "exact";
  }
  if (attention.keep_ratio === 1) {
    return "dense";
  }
  return attention.rectify_every === "0" ? "sparse" : "resa";
}

function askForKey(again) {
  $("key-error").hidden = !again;
  $("key").value = "";
  if (!$("key-dialog").open) {
    $("key-dialog").showModal();
  }
  $("key").focus();
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key.set($("key").value);
  $("key").value = "";
  $("key-dialog").close();
  start();
});

$("forget").addEventListener("click", () => {
  key.forget();
  location.reload();
});

// --- Settings ---

function mode() {
  return document.querySelector("input[name=mode]:checked").value;
}

function showMode() {
  const now = mode();
  const from = server?.attention.sparse_from ?? 0;
  const dense =
    now !== "dense" && from > 0
      ? ` A context of less than ${number.format(from)} tokens is dense: that is faster here.`
      : "";
  $("mode-hint").textContent = HINTS[now] + dense;
  $("keep").disabled = now === "dense";
}

document
  .querySelectorAll("input[name=mode]")
  .forEach((radio) => radio.addEventListener("change", showMode));

/** This request's attention, in the fields of docs/server.md. */
function attention() {
  const keep = Number($("keep").value);
  const every = server.attention.rectify_every;
  switch (mode()) {
    case "dense":
      return { exact: false, keep_ratio: 1, rectify_every: 0 };
    case "sparse":
      return { exact: false, keep_ratio: keep, rectify_every: 0 };
    case "resa":
      return { exact: false, keep_ratio: keep, rectify_every: every === "0" ? 32 : every };
    default:
      return { exact: true, keep_ratio: keep };
  }
}

function request(prompt) {
  const body = {
    model: server.model,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: Number($("most").value),
    temperature: Number($("temperature").value),
    ...attention(),
  };
  if (server.resa_trace && $("tracing").checked) {
    body.resa_trace = true;
  }
  return server.chat
    ? { path: "/v1/chat/completions", body: { ...body, messages: [...messages, prompt] } }
    : { path: "/v1/completions", body: { ...body, prompt: prompt.content } };
}

// --- Conversation ---

function say(text, isError = false) {
  $("status").textContent = text;
  $("status").classList.toggle("error", isError);
}

function fail(fault) {
  if (fault.status === 401) {
    const again = key.get() !== null;
    key.forget();
    say("The server wants a key.");
    askForKey(again);
    return;
  }
  say(fault instanceof ApiError ? fault.message : `The page has a fault: ${fault.message}`, true);
}

function begin(prompt) {
  $("empty").hidden = true;
  $("new").hidden = false;
  const asked = make($("turns"), "article", "turn");
  make(asked, "h3", "", server.chat ? "You" : "Text");
  const said = make(asked, "div", "said", prompt);
  said.tabIndex = 0;
  said.setAttribute("role", "group");
  said.setAttribute("aria-label", server.chat ? "Your message" : "Text given");
  const turn = make($("turns"), "article", "turn");
  make(turn, "h3", "", server.model);
  const answer = make(turn, "div", "answer");
  answer.classList.toggle("marked", $("marks").checked);
  const cost = make(turn, "p", "cost");
  follows = true;
  scrollToEnd();
  return { asked, turn, answer, thoughts: null, cost };
}

/** Where what the model thinks goes. */
function thoughts(view) {
  if (view.thoughts === null) {
    const details = document.createElement("details");
    details.className = "thoughts";
    details.open = true;
    make(details, "summary", "", "Reasoning");
    view.answer.before(details);
    view.thoughts = make(details, "div", "reasoning");
  }
  return view.thoughts;
}

async function send(content) {
  const prompt = { role: "user", content };
  // Of this chat, whatever is begun meanwhile.
  const history = messages;
  const { path, body } = request(prompt);
  const view = begin(content);
  const clock = new Clock();
  const text = new AnswerText();
  const trace = new Trace();
  let answered = "";
  follow(trace, text);
  busy(true);
  running = new AbortController();
  const progress = () => {
    view.cost.textContent = clock.text(trace);
    scrollToEnd();
    showMap();
  };
  const timer = setInterval(progress, 250);
  try {
    for await (const event of stream(path, body, running.signal)) {
      answered += take(event, { view, clock, text, trace });
    }
    say(`Done: ${number.format(clock.tokens)} tokens.`);
  } catch (fault) {
    if (fault.name === "AbortError") {
      say(`Stopped after ${number.format(clock.tokens)} tokens.`);
    } else {
      fail(fault);
    }
    if (clock.tokens === 0 && view.turn.isConnected) {
      // Nothing was written: the prompt is its writer's again.
      view.asked.remove();
      view.turn.remove();
      $("prompt").value ||= content;
    }
  } finally {
    clearInterval(timer);
    running = null;
    progress();
    busy(false);
  }
  if (server.chat && clock.tokens > 0) {
    history.push(prompt, { role: "assistant", content: answered });
  }
}

/** Puts an event into the page; returns what of the answer it has. */
function take(event, { view, clock, text, trace }) {
  const choice = event.choices?.[0];
  const delta = choice?.delta ?? { content: choice?.text };
  const reasoning = delta.reasoning_content ?? "";
  const content = delta.content ?? "";
  const position = clock.tokens;
  const [from, to] = event.resa?.tokens ?? [position, position + (reasoning || content ? 1 : 0)];
  clock.count(to - from);
  if (reasoning) {
    text.append(thoughts(view), reasoning, from, to);
  }
  if (content) {
    text.append(view.answer, content, from, to);
  }
  if (event.resa) {
    trace.add(event.resa);
    text.mark(event.resa);
  }
  if (event.usage) {
    clock.tokens = event.usage.completion_tokens;
  }
  scrollToEnd();
  return content;
}

/** Whether the end of the conversation is to stay in sight: who reads elsewhere is left there. */
let follows = true;
let scrolls = false;

/** Once a frame: each look at the height has the browser lay out the whole text. */
function scrollToEnd() {
  if (follows && !scrolls) {
    scrolls = true;
    requestAnimationFrame(() => {
      scrolls = false;
      $("turns").scrollTop = $("turns").scrollHeight;
    });
  }
}

$("turns").addEventListener("scroll", () => {
  follows = isAtEnd($("turns"));
});

function isAtEnd(element) {
  return element.scrollHeight - element.scrollTop - element.clientHeight < 40;
}

function busy(on) {
  // Who hears the page hears the answer once it is whole, not word by word.
  $("turns").setAttribute("aria-busy", String(on));
  const hadFocus = document.activeElement === $(on ? "send" : "stop");
  $("stop").hidden = !on;
  $("send").hidden = on;
  if (hadFocus) {
    $(on ? "stop" : "prompt").focus();
  }
  if (on) {
    say("Writing …");
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!server) {
    // Asks for the key again, or says what is wrong.
    start();
    return;
  }
  const content = $("prompt").value;
  if (running === null && content.trim()) {
    $("prompt").value = "";
    send(content);
  }
});

$("prompt").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
});

$("stop").addEventListener("click", () => running?.abort());

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running !== null) {
    running.abort();
  }
});

$("new").addEventListener("click", () => {
  running?.abort();
  messages = [];
  $("turns").replaceChildren();
  $("empty").hidden = false;
  $("new").hidden = true;
  say("");
  follow(new Trace(), null);
  $("prompt").focus();
});

$("marks").addEventListener("change", () => {
  document
    .querySelectorAll(".answer")
    .forEach((each) => each.classList.toggle("marked", $("marks").checked));
});

showMode();
showMap();
start();
