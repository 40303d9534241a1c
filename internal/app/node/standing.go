package node

import (
	"context"

	"outrider/internal/app/standing"
	"outrider/internal/es/project"
	"outrider/projections"
	"outrider/projections/analytics"
)

// standingParts are what an operator is told of the installation.
func (n *Node) standingParts() *standing.Parts {
	var known []standing.Projection
	for _, p := range projections.All(n.vault) {
		known = append(known, standing.Projection{Name: p.Name, Store: "postgres", Version: p.Version})
	}
	for _, c := range []project.Table{analytics.Events(), analytics.Engagement()} {
		known = append(known, standing.Projection{Name: c.Name, Store: "clickhouse", Version: c.Version})
	}
	return &standing.Parts{Log: n.Stores.Log, Pool: n.Pools.API, ClickHouse: n.ClickHouse, Projections: known, Process: n.process}
}

// process is how this one is doing.
func (n *Node) process(context.Context) standing.Process {
	s := n.roleStandings()
	p := standing.Process{Problems: s.Problems, Limits: n.requests.describe(), Processes: n.heart.Count(), Partitions: map[int32]string{}}
	for _, c := range s.Commands {
		p.Partitions[c.Partition] = c.State
	}
	return p
}
