/** Texts and chats over HTTP, as OpenAI's clients ask for them: {@code resa serve}. */
package org.resa4j.server;
