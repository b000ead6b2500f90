package server

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"
)

// Limits of what is held of requests at once, whoever sends them: their bodies
// are read before it is known who that is.
const (
	heldBytes = 256 << 20        // of bodies, all requests together
	leastHeld = 64 << 10         // that a request counts for, however short it is
	waitHeld  = 5 * time.Second  // for others to end
	bodyGrace = 10 * time.Second // for a body to arrive, and
	bodyRate  = 64 << 10         // a second for so many bytes more
)

// A gate lets requests through as long as their bodies have room.
type gate struct{ room *semaphore.Weighted }

func newGate() gate { return gate{semaphore.NewWeighted(heldBytes)} }

// guard sheds requests to h that would not fit, and clients that send a body so
// slowly that they keep others out. most is what h reads of a body, in bytes.
func (g gate) guard(h http.Handler, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := r.ContentLength
		if size < 0 || size > most { // not told, or refused after so much
			size = most
		}
		deadline := time.Now().Add(bodyGrace + time.Duration(size/bodyRate)*time.Second)
		// A connection that knows no deadlines has those of the server.
		_ = http.NewResponseController(w).SetReadDeadline(deadline)
		size = max(size, leastHeld)
		ctx, cancel := context.WithTimeout(r.Context(), waitHeld)
		defer cancel()
		if err := g.room.Acquire(ctx, size); err != nil {
			w.Header().Set("Retry-After", "5")
			w.Header().Set("Connection", "close")
			plain(w, http.StatusServiceUnavailable, "The server has too much to do at the moment.")
			return
		}
		defer g.room.Release(size)
		h.ServeHTTP(w, r)
	})
}
