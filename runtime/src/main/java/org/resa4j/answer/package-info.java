/** What a model's text means: reasoning, content, calls of tools; taken apart as it comes. */
package org.resa4j.answer;
