// A headless Chromium with one page, which writes down every fault that it reports.

import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });
}

/**
 * A page in a session of its own.
 *
 * @param expected messages that are no faults
 */
export async function open(browser, url, options = {}, expected = []) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.faults = [];
  const fault = (text) => {
    if (!expected.some((each) => text.includes(each))) {
      page.faults.push(text);
    }
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      fault(message.text());
    }
  });
  page.on("pageerror", (error) => fault(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) {
      fault(`a request to ${request.url()}`);
    }
  });
  if (url) {
    await page.goto(url);
  }
  return page;
}

/** Role and name of what can be used or is shown as a picture, as a screen reader is told. */
export async function named(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const roles = /^(button|textbox|slider|spinbutton|combobox|checkbox|radio|image|img|log|region)$/;
  return nodes
    .filter((node) => !node.ignored && roles.test(node.role?.value))
    .map((node) => ({ role: node.role.value, name: node.name?.value ?? "" }));
}

/** The contrast of an element's text with what is behind it, after WCAG 2. */
export function contrast(page, selector) {
  return page.locator(selector).first().evaluate((element) => {
    const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
    let behind = element;
    while (behind && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) {
      behind = behind.parentElement;
    }
    const luminance = (colour) => {
      const [r, g, b] = parts(colour)
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const both = [
      luminance(getComputedStyle(element).color),
      luminance(getComputedStyle(behind ?? document.body).backgroundColor),
    ].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  });
}
