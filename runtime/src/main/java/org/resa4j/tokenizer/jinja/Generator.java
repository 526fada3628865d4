package org.resa4j.tokenizer.jinja;

import java.util.Iterator;

/** Items that can be gone through once, each made when it is asked for. */
record Generator(Iterator<Object> items) {}
