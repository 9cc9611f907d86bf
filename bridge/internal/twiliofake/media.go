package twiliofake

import (
	"io"
	"net/http"

	"github.com/gorilla/mux"
)

// Media is one file.
type Media struct {
	Type, Name string
	Content    []byte
	// Redirect leads a GET of MediaUrl elsewhere instead.
	Redirect string
	// Missing is how many times a GET answers 404 first.
	Missing int
}

// AddMedia makes an inbound message's file and returns its MediaUrl.
func (s *Server) AddMedia(m Media) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := "/2010-04-01/Accounts/" + AccountSID + "/Messages/" + s.sid("MM") + "/Media/" + s.sid("ME")
	s.media[path] = m
	return s.URL + path
}

// serveMedia answers a GET of MediaUrl, which wants credentials.
func (s *Server) serveMedia(w http.ResponseWriter, r *http.Request) {
	f := s.fault("fetch media")
	status := http.StatusOK
	s.mu.Lock()
	m, ok := s.media[r.URL.Path]
	if m.Missing > 0 {
		ok = false
		m.Missing--
		s.media[r.URL.Path] = m
	}
	s.mu.Unlock()
	user, password, _ := r.BasicAuth()
	switch {
	case f != nil && f.Drop:
		s.record(r, "fetch media", 0)
		panic(http.ErrAbortHandler)
	case f != nil && f.Status != 0:
		status = f.Status
	case user != AccountSID || password != AuthToken:
		status = http.StatusUnauthorized
	case !ok:
		status = http.StatusNotFound
	case m.Redirect != "":
		w.Header().Set("Location", m.Redirect)
		status = http.StatusTemporaryRedirect
	}
	s.record(r, "fetch media", status)
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", m.Type)
	_, _ = w.Write(m.Content)
}

// uploadMedia is Twilio's media service for conversations.
func (s *Server) uploadMedia(r *http.Request) (int, any) {
	content, _ := io.ReadAll(r.Body)
	if mux.Vars(r)["is"] != ServiceSID {
		return notFound(r)
	}
	sid := s.sid("ME")
	s.mcs[sid] = Media{Type: r.Header.Get("Content-Type"), Name: r.URL.Query().Get("Filename"), Content: content}
	return http.StatusCreated, map[string]any{"sid": sid, "service_sid": ServiceSID, "size": len(content),
		"content_type": r.Header.Get("Content-Type"), "filename": r.URL.Query().Get("Filename"), "category": "media"}
}

// Stored returns the media service's file.
func (s *Server) Stored(sid string) (Media, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.mcs[sid]
	return m, ok
}
