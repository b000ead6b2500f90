package server

import (
	"context"
	"net/http"
)

const machineKind = "machine-scan"

// machine scans the machine that the server runs on.
type machine struct{ server *server }

func newMachine(s *server) *machine { return &machine{server: s} }

func (p *machine) work() workload             { return workload{} }
func (p *machine) hooks(*http.ServeMux, gate) {}
func (p *machine) loop(context.Context)       {}

var machineRoutes []route
