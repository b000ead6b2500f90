package server

import (
	"net/http"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/web"
)

// pages has the dashboard answer at its addresses.
func (s *server) pages(mux *http.ServeMux) {
	page := web.Handler()
	for _, pattern := range web.Pages() {
		h := page
		if pattern == "/signin" {
			h = s.useLink(page)
		}
		mux.Handle("GET "+pattern, h)
	}
}

// problems are what the page is told when a link does not sign in.
var problems = map[fault.Kind]string{
	fault.Denied:   "link", // unknown, used or too old
	fault.Throttle: "busy", // too many attempts
}

// useLink starts a session for who has a link, and shows the page to all others.
// A look with HEAD, as programs that show links take, does not use it up.
func (s *server) useLink(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		link := r.URL.Query().Get("link")
		if link == "" || r.Method != http.MethodGet {
			page.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the secret of the link
		secret, session, err := s.front.UseLink(r, link)
		if err != nil {
			problem := problems[fault.KindOf(err)]
			if problem == "" {
				problem = "server"
			}
			http.Redirect(w, r, "/signin?problem="+problem, http.StatusSeeOther)
			return
		}
		http.SetCookie(w, s.cookie(secret, session.Expires))
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
}
