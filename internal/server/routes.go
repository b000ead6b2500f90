package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/export"
)

// routes returns what answers all requests: of a worker, only what tells how it
// is.
func (s *server) routes() http.Handler {
	mux, gate := http.NewServeMux(), newGate()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.Metrics == "" {
		mux.Handle("GET /metrics", thisMachineOnly(s.metrics.handler()))
	}
	if !s.answers() {
		return mux
	}
	s.pages(mux)
	mux.Handle("POST /assay/v1/session", gate.guard(s.front.SignIn(s.startSession), api.MaxSignIn))
	mux.Handle("GET /assay/v1/session", gate.guard(s.front.Session("assay:GetSession", s.showSession), api.MaxSignIn))
	mux.Handle("DELETE /assay/v1/session", gate.guard(s.front.Session("assay:SignOut", s.endOwnSession), api.MaxSignIn))
	mux.HandleFunc("GET "+export.Links, s.download) // the link is signed
	for _, r := range allRoutes() {
		mux.Handle(r.pattern, gate.guard(s.front.Own(r.action, func(ctx context.Context, w http.ResponseWriter, req *http.Request, body []byte) error {
			caller := api.CallerOf(ctx)
			scope, err := s.scope(ctx, caller, r.reach)
			if err != nil {
				return err
			}
			out, err := r.do(s, ctx, request{req, body, caller, scope, s.front.Now()})
			if err != nil {
				return err
			}
			return answer(w, out)
		}), api.MaxOwnBody))
	}
	for _, p := range s.parts() {
		p.hooks(mux, gate)
	}
	mux.Handle("/", gate.guard(s.front, wire.MaxBody))
	return mux
}

// plain answers with a line of text.
func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") //nolint:gosec // as plain text; the client may be gone
}

// answer sends a value as JSON; nil is an empty object.
func answer(w http.ResponseWriter, v any) error {
	if v == nil {
		v = struct{}{}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(append(text, '\n'))
	return err
}

// readyWithin is how long the database has to answer for the server to be ready.
const readyWithin = 2 * time.Second

// readyz tells whether requests can be answered.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	_, err := s.store.Organization(ctx)
	switch {
	case !s.ready.Load():
		plain(w, http.StatusServiceUnavailable, "starting")
	case errors.Is(err, context.DeadlineExceeded):
		plain(w, http.StatusServiceUnavailable, "the database is slow to answer")
	case err != nil:
		plain(w, http.StatusServiceUnavailable, "the database does not answer")
	default:
		plain(w, http.StatusOK, "ok")
	}
}
