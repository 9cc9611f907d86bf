package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// errStranger says that something answers that is no emulator.
var errStranger = errors.New("what answers there is no emulator")

// emulatorOnly lets the answers of an emulator through, which are JSON or a live stream. What another program at the URL
// answers becomes an error, so that it counts as no emulator.
type emulatorOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t emulatorOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // what cannot be read is no type of the emulator's
	if (kind == "application/json" || kind == "text/event-stream") && (res.StatusCode < http.StatusBadRequest || refuses(res)) {
		return res, nil
	}
	_ = res.Body.Close()
	return nil, errStranger
}

// refuses reports whether an answer has the form of the control API's errors. Its body can be read again.
func refuses(res *http.Response) bool {
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	var refusal struct {
		Error string `json:"error"`
	}
	return err == nil && json.Unmarshal(body, &refusal) == nil && refusal.Error != ""
}
