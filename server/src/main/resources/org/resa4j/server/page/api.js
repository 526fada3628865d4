// The server's interface: the key, plain requests, answers that stream.

const KEY = "resa-api-key";

export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

/** An answer that is an error; status 0 where there is none. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key.get() !== null) {
    headers.Authorization = `Bearer ${key.get()}`;
  }
  let response;
  try {
    response = await fetch(path, { ...options, headers, credentials: "omit", cache: "no-store" });
  } catch (fault) {
    if (fault.name === "AbortError") {
      throw fault;
    }
    throw new ApiError(
      0,
      /^[\x20-\x7e]*$/.test(key.get() ?? "")
        ? "The server does not answer."
        : "The key has characters that no key has; forget it, and give it again.",
    );
  }
  if (response.ok) {
    return response;
  }
  let message = `The server answers ${response.status}.`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // Something between here and the server answers, in another form.
  }
  const wait = response.headers.get("Retry-After");
  throw new ApiError(response.status, wait === null ? message : `${message} (again in ${wait} s)`);
}

export async function get(path) {
  return (await ask(path)).json();
}

/**
 * Has a text written, and hands over each event's JSON.
 *
 * @param signal ends it
 */
export async function* stream(path, body, signal) {
  const response = await ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    yield* events(reader);
  } finally {
    // Who stops listening has the server stop writing.
    reader.cancel().catch(() => {});
  }
}

async function* events(reader) {
  let held = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (fault) {
      if (fault.name === "AbortError") {
        throw fault;
      }
      throw new ApiError(0, "The connection was cut before the text had ended.");
    }
    if (piece.done) {
      throw new ApiError(0, "The connection ended before the text had.");
    }
    const whole = (held + piece.value).split("\n\n");
    held = whole.pop();
    for (const event of whole) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") {
        return;
      }
      const json = JSON.parse(data);
      if (json.error) {
        throw new ApiError(200, json.error.message);
      }
      yield json;
    }
  }
}
