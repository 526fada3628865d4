/** Grammars that hold a text to a form, token by token. */
package org.resa4j.grammar;
