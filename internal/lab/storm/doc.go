// Package storm kills and freezes command processors and their broker under load, then audits the log by the rule alone.
package storm
