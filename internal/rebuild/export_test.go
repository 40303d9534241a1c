package rebuild

import "outrider/internal/es/project"

// BreakOff lets a test end the moving of tables in ClickHouse after any of them, as a killed process would.
func (in *Installation) BreakOff(after func(to project.Side, table string) error) { in.moved = after }
