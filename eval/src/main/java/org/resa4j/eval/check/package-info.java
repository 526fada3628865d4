/** Checkers: how right a text is, one class for each way to tell. */
package org.resa4j.eval.check;
