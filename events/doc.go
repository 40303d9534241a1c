// Package events is what has happened: one struct a fact, stored as JSON, never edited once published.
package events
