// Package experiments judges an experiment from the history alone: from the copy of the log in ClickHouse, or from an exported file. The
// same history and the same settings give the same verdict, to the last digit, today and in ten years.
package experiments
