package bridge

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// parameters are what one webhook carries, put together as Twilio's Functions runtime does it: the query, and over it
// the form; a key that is sent twice keeps both values (reference, WhatsApp 8.1).
type parameters map[string][]string

// readParameters takes the parameters of r, whose body has been read. It fails on malformed percent-encoding.
func readParameters(r *http.Request, body []byte) (parameters, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	form := url.Values{}
	if r.Method == http.MethodPost {
		if form, err = url.ParseQuery(string(body)); err != nil {
			return nil, fmt.Errorf("form: %w", err)
		}
	}
	p := parameters(query)
	for name, values := range form {
		p[name] = values
	}
	return p, nil
}

// get returns the first value of name, "" when it is absent.
func (p parameters) get(name string) string {
	return url.Values(p).Get(name)
}

// javaScript returns what `${event.name}` makes of the parameter: "undefined" when it is absent, "a,b" for an array.
func (p parameters) javaScript(name string) string {
	values, ok := p[name]
	if !ok {
		return "undefined"
	}
	return strings.Join(values, ",")
}

// isEmptyString reports whether `event.name === ”`: present once, with no text.
func (p parameters) isEmptyString(name string) bool {
	values := p[name]
	return len(values) == 1 && values[0] == ""
}
