package server

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

//go:embed page.html
var pageFile embed.FS

// A page is what page.html shows.
type page struct {
	URL, Region, Version string
	Problem              string // instead of all else
	Account, Name, Role  string // of who is signed in; empty: nobody
	Starter              bool
	Built                string
	Advisories           int
}

// show answers with the page.
func (s *server) show(w http.ResponseWriter, status int, p page) {
	known, release := s.library.lend()
	h := known.Header()
	release()
	p.URL, p.Region, p.Version = s.URL, s.Region, s.Version
	p.Starter, p.Built, p.Advisories = h.Starter, h.Built.Format("2 January 2006"), h.Advisories
	t, err := template.ParseFS(pageFile, "page.html")
	var text strings.Builder
	if err == nil {
		err = t.Execute(&text, p)
	}
	if err != nil {
		s.log.LogAttrs(context.Background(), slog.LevelError, "writing the page", slog.Any("error", err))
		plain(w, http.StatusInternalServerError, "The page cannot be shown.")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer") // the address may hold a link's secret
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text.String())) // the client may be gone
}

// welcome shows how to use the server, and who is signed in.
func (s *server) welcome(w http.ResponseWriter, r *http.Request) {
	var p page
	if c, err := s.front.Authenticate(r, nil, "inspector2:ListFindings"); err == nil {
		p.Account, p.Name, p.Role = c.Account.String(), c.Name, string(c.Role)
	}
	s.show(w, http.StatusOK, p)
}

// signIn starts a session for who has a link.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	now := s.front.Now()
	var secret string
	var session store.Session
	err := s.store.Update(r.Context(), func(tx *store.Tx) (err error) {
		secret, session, err = tx.UseLink(r.Context(), r.URL.Query().Get("link"), now)
		return err
	})
	if err != nil {
		status, text := http.StatusForbidden, "This link has been used, or is too old. Ask an administrator for another: assay admin sign-in."
		if fault.KindOf(err) == fault.Internal {
			s.log.LogAttrs(r.Context(), slog.LevelError, "signing in", slog.Any("error", err))
			status, text = http.StatusInternalServerError, "Signing in does not work at the moment."
		}
		s.show(w, status, page{Problem: text})
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure unless the server speaks plain text, as on loopback
		Name: api.SessionCookie, Value: secret, Path: "/", Expires: session.Expires, HttpOnly: true,
		Secure: strings.HasPrefix(s.URL, "https:"), SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
