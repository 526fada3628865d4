/** What every benchmark reports: rows that cannot lack their error, tables, files and charts. */
package org.resa4j.bench.report;
