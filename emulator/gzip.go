package emulator

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// gzipFrom is the length in bytes from which a JSON answer is compressed for a client that takes it. Below, compressing
// costs more than it saves, even beyond this machine.
const gzipFrom = 48 << 10

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

// compressed sends long JSON answers of next with gzip to clients that accept it. It stands outside the traffic log, so
// that the log can be read.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !acceptsGzip(r) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		defer c.end()
		next.ServeHTTP(c, r)
	})
}

// acceptsGzip reads Accept-Encoding: gzip must be named, and not with q=0.
func acceptsGzip(r *http.Request) bool {
	accepted := r.Header.Get("Accept-Encoding")
	if accepted == "" || accepted == "gzip" { // what most clients send
		return accepted != ""
	}
	for coding := range strings.SplitSeq(accepted, ",") {
		name, q, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			weight, err := strconv.ParseFloat(strings.TrimPrefix(q, "q="), 64)
			return err != nil || weight > 0
		}
	}
	return false
}

// compressor decides at the header whether the body is worth it.
type compressor struct {
	http.ResponseWriter
	writer *gzip.Writer
}

func (c *compressor) WriteHeader(status int) {
	h := c.Header()
	length, _ := strconv.Atoi(h.Get("Content-Length"))
	if length >= gzipFrom && strings.HasPrefix(h.Get("Content-Type"), "application/json") {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		c.writer = gzipWriters.Get().(*gzip.Writer)
		c.writer.Reset(c.ResponseWriter)
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *compressor) Write(p []byte) (int, error) {
	if c.writer != nil {
		return c.writer.Write(p)
	}
	return c.ResponseWriter.Write(p)
}

func (c *compressor) end() {
	if c.writer != nil {
		_ = c.writer.Close() // an error means that the caller has gone away
		gzipWriters.Put(c.writer)
	}
}

// Unwrap lets http.ResponseController reach Flush and Hijack.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }
