package control_test

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

func TestLengths(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	// ü is one character and two bytes: lengths are in characters.
	must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: strings.Repeat("ü", 4096), ProfileName: strings.Repeat("ü", 25)}))
	long := func(n int) string { return strings.Repeat("ü", n+1) }
	photo, err := fixtures.Read(fixtures.Photo)
	if err != nil {
		t.Fatal(err)
	}
	for text, m := range map[string]control.NewMessage{
		"4097 characters":                  {Body: long(4096)},
		"profile_name has 26 characters":   {Body: "x", ProfileName: long(25)},
		"profile_name has 500001":          {Body: "x", ProfileName: long(500_000)},
		"to has 1025":                      {Body: "x", To: long(1024)},
		"reply_to has 1025":                {Body: "x", Details: whatsapp.Details{ReplyTo: long(1024)}},
		"filename has 1025":                {File: &control.NewFile{Filename: long(1024), Content: photo}},
		"content_type has 1025":            {File: &control.NewFile{ContentType: long(1024), Content: photo}},
		"contact.name has 1025":            {Contact: &whatsapp.Contact{Name: long(1024), Phone: phone}},
		"contact.email has 1025":           {Contact: &whatsapp.Contact{Name: "x", Phone: phone, Email: long(1024)}},
		"contact.organization has 1025":    {Contact: &whatsapp.Contact{Name: "x", Phone: phone, Organization: long(1024)}},
		"location.label has 1025":          {Details: whatsapp.Details{Location: &whatsapp.Location{Label: long(1024)}}},
		"location.address has 1025":        {Details: whatsapp.Details{Location: &whatsapp.Location{Address: long(1024)}}},
		"button.text has 26":               {Details: whatsapp.Details{Button: &whatsapp.Button{Text: long(25)}}},
		"button.payload has 257":           {Details: whatsapp.Details{Button: &whatsapp.Button{Text: "x", Payload: long(256)}}},
		"list_choice.id has 201":           {Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{ID: long(200), Title: "x"}}},
		"list_choice.title has 25":         {Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{ID: "x", Title: long(24)}}},
		"referral.source_url has 2049":     {Body: "x", Details: whatsapp.Details{Referral: &whatsapp.Referral{SourceURL: long(2048)}}},
		"is none of reaction or is one of": {Unsupported: long(2000)},
		"unsupported kind":                 {Unsupported: "dance"},
		"not a phone number":               {Body: "x", Details: whatsapp.Details{}, To: "whatsapp:" + strings.Repeat("1", 900)},
	} {
		_, err := c.SendMessage(ctx, phone, m)
		if text == "is none of reaction or is one of" {
			text = "unsupported kind"
		}
		wantError(t, err, http.StatusBadRequest, text)
	}
	name := long(25)
	_, err = c.UpdateBehaviour(ctx, phone, whatsapp.BehaviourParams{ProfileName: &name})
	wantError(t, err, http.StatusBadRequest, "profile_name has 26")
	u := "https://example.com/" + long(2048)
	_, err = c.UpdateSandbox(ctx, emulator.DefaultAccountSID, whatsapp.SettingsParams{InboundURL: &u})
	wantError(t, err, http.StatusBadRequest, "inbound_url has")
	_, err = c.UpdateSandbox(ctx, emulator.DefaultAccountSID, whatsapp.SettingsParams{StatusCallbackURL: &u})
	wantError(t, err, http.StatusBadRequest, "status_callback_url has")
}

// post sends a body of JSON to the control API.
func postJSON(t *testing.T, emu *emulator.Server, path string, body io.Reader) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://emulator/_emulator"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	status, read, err := fetch(emu, req)
	if err != nil {
		t.Fatal(err)
	}
	return status, string(read)
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	emu, _, _ := start(t)
	spaces := func(megabytes int) io.Reader { return io.LimitReader(blank{}, int64(megabytes)<<20) }
	for path, megabytes := range map[string]int{"/clock": 2, "/accounts": 2, "/switches": 2, "/faults": 2,
		"/phones/" + phone + "/messages": 30, "/phones/" + phone + "/albums": 30} {
		if status, answer := postJSON(t, emu, path, spaces(megabytes)); status != http.StatusRequestEntityTooLarge ||
			!strings.Contains(answer, "the body is larger than") {
			t.Errorf("%d MB to %s: %d %s", megabytes, path, status, answer)
		}
	}
}

// blank is a reader of blanks without end.
type blank struct{}

func (blank) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// An album with too many files is refused before its files are decoded.
// It measures, so no other test runs beside it.
func TestAlbumsAreBounded(t *testing.T) { //nolint:paralleltest // see above
	emu, c, ctx := start(t)
	_, err := c.SendAlbum(ctx, phone, control.NewMessage{}, make([]control.NewFile, whatsapp.MaxAlbum+1))
	if err == nil || !strings.Contains(err.Error(), "30 files at most") {
		t.Errorf("error = %v", err)
	}
	const files = 2_000_000
	body := []byte(`{"files":[` + strings.Repeat(`{},`, files) + `{}]}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	status, answer := postJSON(t, emu, "/phones/"+phone+"/albums", bytes.NewReader(body))
	runtime.ReadMemStats(&after)
	if status != http.StatusBadRequest || !strings.Contains(answer, "30 files at most") {
		t.Errorf("%d %s", status, answer)
	}
	// Reading costs the body some times over, as a buffer grows; 2,000,000 decoded files would cost 112 MB more.
	if cost := int(after.TotalAlloc - before.TotalAlloc); cost > 12*len(body) {
		t.Errorf("refusing the album allocated %d MB for a body of %d MB", cost>>20, len(body)>>20)
	}
	for body, text := range map[string]string{
		`{"files":{}}`:           "it must be a list",
		`{"files":[{"name":1}]}`: "unknown field",
		`{"files":[{}]}`:         "two files or more",
		`{"files":null}`:         "two files or more",
		`{"files":[{},{}]}`:      "is empty",
	} {
		if status, answer := postJSON(t, emu, "/phones/"+phone+"/albums", strings.NewReader(body)); status != http.StatusBadRequest || !strings.Contains(answer, text) {
			t.Errorf("%s: %d %s, want %q", body, status, answer, text)
		}
	}
}
