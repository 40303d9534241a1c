package api

import (
	"net/http"

	"outrider/api/gen"
	"outrider/internal/app/standing"
	"outrider/internal/buildinfo"
)

// showPlatformHealth tells an operator what the installation stands on and how far its projections have come.
func showPlatformHealth(s *Server, c *call) error {
	if s.cfg.Standing == nil {
		return notFoundProblem()
	}
	found := s.cfg.Standing.Look(c.ctx)
	out := gen.PlatformHealth{Version: buildinfo.Version(), CheckedAt: s.cfg.Now().UTC(), Processes: found.Process.Processes, Limits: found.Process.Limits,
		Problems: append([]string{}, found.Process.Problems...), Engines: []gen.PlatformEngine{}, Partitions: []gen.PlatformPartition{}, Projections: []gen.PlatformProjection{}}
	out.Ready = len(out.Problems) == 0
	for _, e := range found.Engines {
		out.Ready = out.Ready && e.Problem == ""
		out.Engines = append(out.Engines, gen.PlatformEngine{Name: e.Name, Version: e.Version, Detail: e.Detail, Problem: e.Problem, Ms: e.Took.Milliseconds()})
	}
	for _, p := range found.Partitions {
		out.Partitions = append(out.Partitions, gen.PlatformPartition{Partition: int(p.Partition), End: p.End, Replicas: p.Replicas, InSync: p.InSync, State: p.State})
	}
	for _, p := range found.Projections {
		out.Ready = out.Ready && len(p.Stopped) == 0
		out.Projections = append(out.Projections, projectionOf(p))
	}
	return c.answerJSON(http.StatusOK, out)
}

func projectionOf(p standing.Projection) gen.PlatformProjection {
	out := gen.PlatformProjection{Name: p.Name, Store: gen.PlatformProjectionStore(p.Store), Version: p.Version, Events: p.Events, Behind: p.Behind, Rebuilding: p.Rebuilding, Stopped: []gen.StoppedProjection{}}
	for _, x := range p.Stopped {
		out.Stopped = append(out.Stopped, gen.StoppedProjection{Partition: int(x.Partition), Pseq: x.Pseq, EventID: x.EventID, EventType: x.EventType, OrganizationID: x.OrgID, Error: x.Error})
	}
	return out
}
