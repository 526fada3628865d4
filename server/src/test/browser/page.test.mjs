// The page in a browser, on two servers of the model that ships: CHAT_URL has a chat template and wants API_KEY,
// TEXT_URL has neither. PROMPT_FILE is a worksheet for the model, JOURNALS_FILE has tasks whose texts do not end by themselves.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { contrast, launch, named, open } from "./browser.mjs";

const { CHAT_URL, TEXT_URL, API_KEY, PROMPT_FILE, JOURNALS_FILE } = process.env;
const SHOTS = process.env.SHOTS_DIR;
const TOKENS = 112;
let browser;
let prompt;

before(async () => {
  browser = await launch();
  prompt = (await readFile(PROMPT_FILE, "utf8")).trim();
});
after(() => browser.close());

async function shot(page, name) {
  if (SHOTS) {
    await page.screenshot({ path: `${SHOTS}/${name}.png` });
  }
}

/** Sends a text and waits for the end of the answer. */
async function converse(page, text, tokens, mode = "ReSA", keepRatio = 0.1) {
  await page.getByText("tokens of context").waitFor();
  await page.getByRole("radio", { name: mode, exact: true }).check({ force: true });
  if (mode !== "Dense") {
    await page.getByLabel("Keep ratio").fill(String(keepRatio));
  }
  await page.getByLabel("Most tokens").fill(String(tokens));
  await page.locator("#prompt").fill(text);
  await page.locator("#prompt").press("Enter");
  await page.getByText(/^Done: /).waitFor({ timeout: 60_000 });
}

/** What the server answers when it is asked without the page. */
async function answer(url, path, body) {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return (await response.json()).choices[0];
}

/** The text of the last answer without its marks. */
function written(page) {
  return page
    .locator(".answer")
    .last()
    .evaluate((element) => {
      const copy = element.cloneNode(true);
      copy.querySelectorAll("[aria-hidden]").forEach((each) => each.remove());
      return copy.textContent;
    });
}

/** How many different colours the map has. */
function colours(page) {
  return page.locator("#map").evaluate((canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}

test("the key is asked for, kept in the session, and forgotten", async () => {
  const page = await open(browser, CHAT_URL, {}, ["401"]);
  const key = page.getByLabel("API key");
  await key.waitFor();
  await shot(page, "key");
  await key.fill("wrong");
  await key.press("Enter");
  await page.getByRole("alert").waitFor();
  await key.fill(API_KEY);
  await page.getByRole("button", { name: "Use the key" }).click();
  await page.getByText("tokens of context").waitFor();
  assert.equal(await page.evaluate(() => Object.values(sessionStorage).join()), API_KEY);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  assert.deepEqual(await page.context().cookies(), []);

  await page.reload();
  await page.getByText("tokens of context").waitFor();
  assert.equal(await key.isVisible(), false);
  await page.getByRole("button", { name: "Forget the key" }).click();
  await key.waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

/** Waits until what was asked for is drawn, however busy the machine is. */
function painted(page) {
  return page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

function picture(page) {
  return page.locator("#map").evaluate((canvas) => canvas.toDataURL());
}

/** The page of the server with a chat template, with its key. */
async function openChat(options = {}) {
  const page = await open(browser, CHAT_URL, options, ["401"]);
  await page.getByLabel("API key").fill(API_KEY);
  await page.getByRole("button", { name: "Use the key" }).click();
  await page.getByText("tokens of context").waitFor();
  return page;
}

test("a conversation has the server's text, with its marks and its map", async () => {
  const page = await openChat();
  await converse(page, prompt, TOKENS);
  const first = { role: "user", content: prompt };
  const settings = { max_tokens: TOKENS, temperature: 0, keep_ratio: 0.1, rectify_every: 16 };
  const expected = await answer(CHAT_URL, "/v1/chat/completions", { ...settings, messages: [first] });
  assert.equal(await written(page), expected.message.content);
  await page.getByText(new RegExp(`^${TOKENS} tokens · [\\d.]+ tokens/s · first after`)).waitFor();
  assert.equal(await page.locator(".answer .rectification").count(), Math.floor((TOKENS - 1) / 16));

  const map = page.getByRole("img", { name: `Map of ${TOKENS - 1} steps` });
  await map.waitFor();
  assert.ok((await colours(page)) > 8);
  const averaged = await picture(page);
  await page.getByLabel("Layer").selectOption("1 of 4");
  await painted(page);
  assert.notEqual(await picture(page), averaged);

  // By the keyboard: each step says what it wrote and read, and shows it in the text.
  const step = page.getByLabel("Step", { exact: true });
  await step.focus();
  await step.press("Home");
  await page.getByText(/^Step 1 wrote token \d+ .*Each head read 32 of 22\d blocks/).waitFor();
  assert.equal(await page.locator(".answer .written").count(), 1);
  await step.press("End");
  assert.match(await step.getAttribute("aria-valuetext"), new RegExp(`^Step ${TOKENS - 1} wrote`));
  assert.ok((await page.locator(".answer .read").count()) > 1);
  await page.getByText("The same as a table").click();
  assert.equal(await page.locator("#table tr").count(), 16);
  await page.getByLabel("Mark the text").uncheck();
  assert.equal(await page.locator(".answer .rectification").first().isVisible(), false);

  // The second turn has the first before it.
  const second = { role: "user", content: "solve #1 ;" };
  await converse(page, second.content, 24);
  const messages = [first, { role: "assistant", content: expected.message.content }, second];
  const again = await answer(CHAT_URL, "/v1/chat/completions", { ...settings, max_tokens: 24, messages });
  assert.equal(await written(page), again.message.content);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("dense, sparse and exact are what they are called", async () => {
  const page = await open(browser, TEXT_URL);
  const settings = { prompt, max_tokens: 96, temperature: 0 };
  const dense = await answer(TEXT_URL, "/v1/completions", { ...settings, keep_ratio: 1, rectify_every: 0 });
  await converse(page, prompt, 96, "Dense");
  assert.equal(await written(page), dense.text);
  await page.getByText("100.0% of the cache read").waitFor();

  await converse(page, prompt, 96, "Sparse", 0.05);
  const sparse = await answer(TEXT_URL, "/v1/completions", { ...settings, keep_ratio: 0.05, rectify_every: 0 });
  assert.equal(await written(page), sparse.text);
  assert.equal(await page.locator(".answer").last().locator(".rectification").count(), 0);

  await converse(page, prompt, 96, "Exact", 0.02);
  assert.equal(await written(page), dense.text);
  const cost = await page.locator(".cost").last().textContent();
  const [, accepted, refused] = cost.match(/(\d+) drafts accepted, (\d+) refused/).map(Number);
  const last = page.locator(".answer").last();
  assert.equal(await last.locator(".accepted").count(), accepted);
  assert.equal(await last.locator("del").count(), refused);
  assert.equal(await last.locator(".chosen").count(), refused);
  // How many of them depends on the windows, and those on times.
  assert.ok(accepted > 0 && accepted + refused > 20, cost);
  await shot(page, "exact");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("stop ends the text, on the server too", async () => {
  const page = await open(browser, TEXT_URL);
  await page.getByText("tokens of context").waitFor();
  const journals = gunzipSync(await readFile(JOURNALS_FILE)).toString();
  await page.getByLabel("Most tokens").fill("5000");
  await page.locator("#prompt").fill(JSON.parse(journals.split("\n")[0]).prompt);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/tokens\/s/).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  const status = page.getByText(/^Stopped after [\d,]+ tokens/);
  await status.waitFor();
  assert.ok(Number((await status.textContent()).replace(",", "").match(/\d+/)[0]) < 5000);
  await page.getByRole("button", { name: "Send" }).waitFor();
  let running = "1";
  for (let i = 0; i < 50 && running !== "0"; i++) {
    await page.waitForTimeout(100);
    const metrics = await (await fetch(`${TEXT_URL}/metrics`)).text();
    running = metrics.match(/^resa_texts_running (\d+)/m)[1];
  }
  assert.equal(running, "0");
  await page.reload();
  await page.getByText("tokens of context").waitFor();
  assert.equal(await page.locator(".turn").count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("what a model writes is text, never part of the page, and errors are said", async () => {
  const page = await open(browser, TEXT_URL, {}, ["429"]);
  const evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";
  const event = (text, finish) => {
    const resa = { tokens: [0, 1], verified: [{ position: 0, drafted: 1, accepted: 0, refused: evil }] };
    return `data: ${JSON.stringify({ choices: [{ text, finish_reason: finish }], resa })}\n\n`;
  };
  await page.route("**/v1/completions", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: `${event(evil, null)}${event("", "stop")}data: [DONE]\n\n`,
    }),
  );
  await converse(page, evil, 5);
  assert.ok((await written(page)).startsWith(evil));
  assert.equal(await page.locator("#turns img, #turns script").count(), 0);
  assert.doesNotMatch(await page.title(), /owned/);
  await page.unroute("**/v1/completions");

  // Errors are said, and nothing that was typed is lost.
  await page.route("**/v1/completions", (route) =>
    route.fulfill({ status: 429, json: { error: { message: "Too many." } }, headers: { "Retry-After": "3" } }),
  );
  await page.locator("#prompt").fill("kin");
  await page.locator("#prompt").press("Enter");
  await page.getByText("Too many. (again in 3 s)").waitFor();
  assert.equal(await page.locator("#prompt").inputValue(), "kin");
  await page.unroute("**/v1/completions");
  await page.route("**/v1/completions", (route) =>
    route.fulfill({ contentType: "text/event-stream", body: 'data: {"error": {"message": "Broken."}}\n\n' }),
  );
  await page.locator("#prompt").press("Enter");
  await page.getByText("Broken.").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a device that does not tell is said to be one", async () => {
  const page = await open(browser, "");
  await page.route("**/props", async (route) => {
    const props = await (await route.fetch()).json();
    await route.fulfill({ json: { ...props, device: "cuda:0", resa_trace: false } });
  });
  let body;
  page.on("request", (request) => {
    body = request.postDataJSON() ?? body;
  });
  await page.goto(TEXT_URL);
  await page.getByText("cuda:0 does not tell which blocks it reads").waitFor();
  assert.equal(await page.locator("#map").isVisible(), false);
  await converse(page, prompt, 8);
  assert.equal("resa_trace" in body, false);
  await page.context().close();
});

test("everything has a name, and a place in the order of focus that is seen", async () => {
  const page = await open(browser, TEXT_URL);
  await converse(page, prompt, 40);
  const nodes = await named(page);
  assert.deepEqual(nodes.filter((node) => node.name.trim() === ""), []);
  for (const role of ["button", "textbox", "slider", "spinbutton", "combobox", "checkbox", "radio", "log"]) {
    assert.ok(nodes.some((node) => node.role === role), `no ${role}`);
  }
  assert.ok(nodes.some((node) => /^(image|img)$/.test(node.role) && node.name.startsWith("Map of 39 steps")));
  assert.equal(await page.locator("#turns").getAttribute("aria-live"), "polite");
  assert.equal(await page.locator("#turns").getAttribute("aria-busy"), "false");

  await page.locator("#prompt").focus();
  const order = [];
  for (let i = 0; i < 10; i++) {
    await page.keyboard.press("Tab");
    order.push(
      await page.evaluate(() => {
        const at = document.activeElement;
        const seen = at.name === "mode" ? at.nextElementSibling : at;
        return getComputedStyle(seen).outlineStyle === "none" ? `${at.id} unseen` : at.id || at.name || at.tagName;
      }),
    );
  }
  assert.deepEqual(order, [
    "send",
    "mode",
    "keep",
    "temperature",
    "most",
    "layer",
    "tracing",
    "marks",
    "step",
    "SUMMARY",
  ]);
  await page.context().close();
});

test("light and dark are legible", async () => {
  const page = await open(browser, TEXT_URL);
  await converse(page, prompt, SHOTS ? 1200 : 64);
  const selectors = ["body", "#about", ".said", ".answer", ".cost", "#send", "#prompt", "#mode-hint", "#status"];
  selectors.push("figcaption", "#readout", ".legend dd", ".legend .sample-mark", ".legend del", ".legend .read");
  selectors.push(".segments input:checked + span", ".segments input:not(:checked) + span");
  const maps = [];
  for (const colorScheme of ["light", "dark"]) {
    // Reduced, so that no colour is on its way.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const selector of selectors) {
      const ratio = await contrast(page, selector);
      assert.ok(ratio >= 4.5, `${colorScheme}, ${selector}: ${ratio.toFixed(2)}`);
    }
    const [r] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g));
    assert.equal(Number(r) < 128, colorScheme === "dark");
    await painted(page);
    maps.push(await picture(page));
    await shot(page, colorScheme);
  }
  assert.notEqual(maps[0], maps[1], "the map is drawn anew");
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a narrow window shows all of it, without motion where none is wanted", async () => {
  const page = await open(browser, TEXT_URL, { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" });
  await converse(page, prompt, SHOTS ? 300 : 40);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  for (const each of await page.locator("button:visible, input:visible, select:visible, canvas").all()) {
    const box = await each.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 320, await each.evaluate((element) => element.id));
  }
  assert.equal(await page.locator("#send").evaluate((e) => getComputedStyle(e).transitionDuration), "0s");
  if (SHOTS) {
    await page.screenshot({ path: `${SHOTS}/narrow.png`, fullPage: true });
  }
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
