/** Models of LangChain4j's interfaces that run in this process. */
package org.resa4j.langchain4j;
