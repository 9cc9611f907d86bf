package media

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxEnvelope is the limit of a multipart upload without its file, in bytes.
const maxEnvelope = 1 << 20

// anyType is the type of a file that comes without one.
const anyType = "application/octet-stream"

// readUpload reads an upload to the Media Content Service: the bytes of a file under its own Content-Type, or a form
// with the file in the part "file" or "Media". most is the greatest size of the file, in bytes. Filename of the query
// names the file, before the name that its part has. An upload that ends early is refused whole. Reference,
// Conversations API 5.5 and WhatsApp and messaging 4.2.
func readUpload(r *http.Request, most int64) (conversations.MediaFile, error) {
	if r.ContentLength > most+maxEnvelope {
		return conversations.MediaFile{}, conversations.ErrMediaTooLarge
	}
	contentType := r.Header.Get("Content-Type")
	mediaType, params, err := mime.ParseMediaType(contentType)
	if contentType == "" {
		contentType, err = anyType, nil
	}
	if err != nil {
		return conversations.MediaFile{}, conversations.ErrMediaType
	}
	var f conversations.MediaFile
	if mediaType == "multipart/form-data" {
		f, err = readParts(multipart.NewReader(io.LimitReader(r.Body, most+maxEnvelope+1), params["boundary"]), most)
	} else {
		f.ContentType = contentType
		f.Content, err = readFile(r.Body, most)
	}
	if err != nil {
		return conversations.MediaFile{}, err
	}
	if name := r.URL.Query().Get("Filename"); name != "" {
		f.Filename = &name
	}
	if size, err := strconv.ParseInt(r.Header.Get("Content-Size"), 10, 64); err == nil && size != int64(len(f.Content)) {
		return conversations.MediaFile{}, twilio.MalformedBody("the file has not the size that Content-Size says")
	}
	return f, nil
}

// readParts reads a form to its end and returns its file.
func readParts(form *multipart.Reader, most int64) (f conversations.MediaFile, _ error) {
	found := false
	for {
		part, err := form.NextPart()
		atEnd := err == io.EOF //nolint:errorlint // a form that was cut short wraps it
		switch {
		case atEnd && !found:
			return f, twilio.MissingParameter("file")
		case atEnd:
			return f, nil
		case err != nil:
			return f, twilio.MalformedBody("it is not a complete multipart form")
		}
		if name := part.FormName(); found || name != "file" && name != "Media" {
			continue
		}
		found = true
		if name := part.FileName(); name != "" {
			f.Filename = &name
		}
		if f.ContentType = part.Header.Get("Content-Type"); f.ContentType == "" {
			f.ContentType = anyType
		}
		if f.Content, err = readFile(part, most); err != nil {
			return f, err
		}
	}
}

// readFile reads a file to its end.
func readFile(r io.Reader, most int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return nil, twilio.MalformedBody("the file ended before its Content-Length or closing boundary")
	case int64(len(content)) > most:
		return nil, conversations.ErrMediaTooLarge
	}
	return content, nil
}
