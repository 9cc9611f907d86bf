package traffic

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Message is one half of an exchange. Credentials are left out of its headers.
type Message struct {
	Header http.Header `json:"header,omitempty"`
	// Body holds Config.BodyLimit bytes at most; Size is how many there were, as far as they were read.
	Body string `json:"body,omitempty"`
	Size int64  `json:"size"`

	// unfold makes Header and Body of these when the message is listed: most never are, and every request would pay. Nobody changes
	// the header of a message that is over.
	header http.Header
	kept   []byte
}

// hidden stands in the place of a credential.
const hidden = "(not recorded)"

// unfold fills in Header, without credentials, and Body.
func (m *Message) unfold() {
	m.Body = withoutSecrets(string(m.kept))
	if len(m.header) > 0 {
		m.Header = make(http.Header, len(m.header))
	}
	for name, values := range m.header {
		if isCredential(name) {
			values = []string{hidden}
		}
		m.Header[name] = slices.Clone(values)
	}
	m.header, m.kept = nil, nil
}

func isCredential(name string) bool {
	for _, secret := range [...]string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"} {
		if len(name) == len(secret) && strings.EqualFold(name, secret) {
			return true
		}
	}
	return false
}

// withoutSecrets hides the parameters of Twilio's forms that hold secrets, those of push credentials, and the secrets in
// answers. It is called for every body that is listed, and most have none.
func withoutSecrets(form string) string {
	for _, secret := range [...]string{"Certificate=", "PrivateKey=", "ApiKey=", "Secret="} {
		if !strings.Contains(form, secret) {
			continue
		}
		parameters := strings.Split(form, "&")
		for i, p := range parameters {
			if strings.HasPrefix(p, secret) {
				parameters[i] = secret + hidden
			}
		}
		form = strings.Join(parameters, "&")
	}
	if strings.Contains(form, `"secret":"`) || strings.Contains(form, `"auth_token":"`) || strings.Contains(form, "<Secret>") || strings.Contains(form, "<AuthToken>") {
		form = secretInAnswer.ReplaceAllString(form, "${1}"+hidden)
	}
	return form
}

// secretInAnswer finds the token of an account and the secret of a new API key in an answer, JSON or XML, which may be cut off.
var secretInAnswer = regexp.MustCompile(`("(?:secret|auth_token)":"|<(?:Secret|AuthToken)>)[^"<]*`)

// keep adds what was read or written of a body, up to a limit in total.
func (m *Message) keep(p []byte, limit int) {
	m.Size += int64(len(p))
	if room := limit - len(m.kept); room > 0 {
		m.kept = append(m.kept, p[:min(len(p), room)]...)
	}
}

// recordedBody keeps the beginning of what is read from a body.
type recordedBody struct {
	io.ReadCloser
	caller  *caller // of an incoming request; nil otherwise
	message *Message
	limit   int
	closed  func() // called once, at Close; may be nil
}

func (b *recordedBody) Read(p []byte) (int, error) {
	if b.caller != nil {
		b.caller.await()
		defer b.caller.ready()
	}
	n, err := b.ReadCloser.Read(p)
	b.message.keep(p[:n], b.limit)
	return n, err
}

func (b *recordedBody) Close() error {
	err := b.ReadCloser.Close()
	if b.closed != nil {
		b.closed()
		b.closed = nil
	}
	return err
}

// recorder keeps the status and the beginning of the body of an answer.
type recorder struct {
	http.ResponseWriter
	caller  *caller
	message *Message
	limit   int
	status  int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.caller.await()
	defer r.caller.ready()
	n, err := r.ResponseWriter.Write(p)
	r.message.keep(p[:n], r.limit)
	return n, err
}

// Unwrap lets http.ResponseController reach Flush and Hijack.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
