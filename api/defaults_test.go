package api_test

import (
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/projections"
)

func TestRowsBeginWithWhatDecisionsBeginWith(t *testing.T) {
	t.Parallel()
	if projections.DefaultReplyUndoSeconds != aggregates.DefaultReplyUndoSeconds || projections.DefaultPersonGapMinutes*time.Minute != aggregates.DefaultPersonGap {
		t.Error("a new organisation shows other settings than it decides by")
	}
}
