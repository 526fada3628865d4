/** How right texts are: task files run under several settings, resumable, and their tables. */
package org.resa4j.eval;
