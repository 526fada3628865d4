/**
 * Chats for programs that offer them to others: prompts with tools, answers in a given form, taken
 * apart into reasoning, content and calls.
 */
package org.resa4j.chat;
