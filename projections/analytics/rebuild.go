package analytics

import (
	"outrider/internal/es/project"
	"outrider/projections"
)

// Rebuildable lists the projections in ClickHouse with what their views derive. A small set has its members in the order in
// which they came, so they are sorted.
func Rebuildable() []project.Columns {
	var derived []project.Derived
	for _, r := range allRollups() {
		derived = append(derived, project.Derived{Table: r.table,
			Rows: `SELECT ` + r.keyColumns() + `, arraySort(bitmapToArray(groupBitmapMergeState(messages))) AS messages_of, arraySort(bitmapToArray(groupBitmapMergeState(people))) AS people_of FROM ` + r.table + ` GROUP BY ` + r.keyColumns()})
	}
	for _, table := range []string{"engagement_messages", "engagement_people"} {
		derived = append(derived, project.Derived{Table: table, Rows: `SELECT DISTINCT org, ordinal, person, about FROM ` + table})
	}
	return []project.Columns{
		{Table: Events()},
		{Table: Engagement(), Decode: projections.Decode, Derived: derived},
	}
}
