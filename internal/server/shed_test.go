package server

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestFloodIsShed(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	h := newGate().guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-leave
	}), heldBytes)
	answer := func(size int64) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
		r.ContentLength = size
		h.ServeHTTP(w, r)
		return w
	}
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- answer(heldBytes) }()
	<-entered
	if w := answer(1); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("with no room left: %d, %v; want 503 and when to come back", w.Code, w.Header())
	}
	leave <- struct{}{}
	if w := <-first; w.Code != http.StatusOK {
		t.Errorf("the one that was there: %d, want 200", w.Code)
	}
	go func() { first <- answer(-1) }() // counts for the most
	<-entered
	leave <- struct{}{}
	<-first
}

// noted is a connection that notes the deadlines it is given.
type noted struct {
	http.ResponseWriter
	deadline time.Time
}

func (n *noted) SetReadDeadline(t time.Time) error {
	n.deadline = t
	return nil
}

func TestSlowClientsHaveADeadline(t *testing.T) {
	t.Parallel()
	h := newGate().guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), 10<<20)
	for _, tt := range []struct {
		size int64
		want time.Duration
	}{{100, bodyGrace}, {10 << 20, bodyGrace + 160*time.Second}, {-1, bodyGrace + 160*time.Second}} {
		w := &noted{ResponseWriter: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("x"))
		r.ContentLength = tt.size
		before := time.Now()
		h.ServeHTTP(w, r)
		if got := w.deadline.Sub(before); got < tt.want || got > tt.want+time.Minute {
			t.Errorf("a body of %d bytes has %v to arrive, want %v", tt.size, got, tt.want)
		}
	}
}

// TestSilentClientIsCutOff has a client that promises a body and sends none.
func TestSilentClientIsCutOff(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(newGate().guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now()) // the time is over
		if _, err := io.ReadAll(r.Body); err == nil {
			t.Error("a body that never came was read")
		}
	}), 10<<20))
	s.Start()
	defer s.Close()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil { // ends when the server closes it
		t.Fatal(err)
	}
}
