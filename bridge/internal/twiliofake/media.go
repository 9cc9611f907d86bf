package twiliofake

import (
	"io"
	"net/http"
	"net/url"
	"strconv"

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

// ReceiveMedia is a message with files that the customer sends; see ReceiveForm.
func (s *Server) ReceiveMedia(from, caption string, files ...Media) url.Values {
	s.mu.Lock()
	message := s.sid("MM")
	form := url.Values{"From": {from}, "Body": {caption}, "MessageSid": {message}, "SmsSid": {message}, "SmsMessageSid": {message},
		"MessageType": {"image"}, "NumMedia": {strconv.Itoa(len(files))}}
	for i, m := range files {
		path := "/2010-04-01/Accounts/" + AccountSID + "/Messages/" + message + "/Media/" + s.sid("ME")
		s.media[path] = m
		form.Set("MediaUrl"+strconv.Itoa(i), s.URL+path)
		form.Set("MediaContentType"+strconv.Itoa(i), m.Type)
	}
	s.mu.Unlock()
	return s.ReceiveForm(form)
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
