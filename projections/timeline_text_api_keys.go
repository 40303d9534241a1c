package projections

import "time"

type keyRotatedDetail struct {
	OldUntil time.Time `json:"old_until"`
}
