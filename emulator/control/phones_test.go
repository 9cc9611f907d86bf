package control_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestPhoneJoinsWritesAndStops(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	if p := must[whatsapp.Phone](t)(c.FetchPhone(ctx, phone)); p.Membership != nil || p.ProfileName == "" {
		t.Errorf("a phone nobody has met = %+v", p)
	}
	p := must[whatsapp.Phone](t)(c.Join(ctx, "whatsapp:"+phone, " CLOUD-forgot "))
	if p.Membership == nil || p.Membership.AccountSID != emulator.DefaultAccountSID {
		t.Fatalf("joined = %+v", p)
	}
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{Body: "Hola", ProfileName: "Ada"}))
	if m.AccountSID != emulator.DefaultAccountSID || !strings.HasPrefix(m.SID, "SM") || m.ProfileName != "Ada" {
		t.Errorf("message = %+v", m)
	}
	if err := c.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	thread := must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))
	if len(thread) != 4 || thread[3].Body != "You said :Hola.\n Configure your WhatsApp Sandbox's Inbound URL to change this message." {
		t.Errorf("thread = %+v", thread)
	}
	if rest := must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, thread[1].Seq, 1)); len(rest) != 1 || rest[0].SID != m.SID {
		t.Errorf("one message after the second = %+v, want the third", rest)
	}
	if p := must[whatsapp.Phone](t)(c.Stop(ctx, phone)); p.Membership != nil {
		t.Errorf("after stop = %+v", p)
	}
	if list := must[[]whatsapp.Phone](t)(c.ListPhones(ctx)); len(list) != 1 || list[0].ProfileName != "Ada" {
		t.Errorf("phones = %+v", list)
	}
}

func TestPhoneSendsFile(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	m := must[whatsapp.Message](t)(c.SendMessage(ctx, phone, control.NewMessage{File: &control.NewFile{Filename: "a.png", Content: png}}))
	if !strings.HasPrefix(m.SID, "MM") || len(m.Media) != 1 || m.Media[0].ContentType != "image/png" || m.Media[0].Size != int64(len(png)) {
		t.Fatalf("message = %+v", m)
	}
	content, contentType, err := c.FetchMedia(ctx, m.Media[0].SID)
	if err != nil || string(content) != string(png) || contentType != "image/png" {
		t.Errorf("media = %q %s %v", content, contentType, err)
	}
	_, _, err = c.FetchMedia(ctx, "ME0")
	wantError(t, err, http.StatusNotFound, "ME0")
}

func TestPhoneRefusals(t *testing.T) {
	t.Parallel()
	_, c, ctx := start(t)
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	send := func(number string, m control.NewMessage) error {
		_, err := c.SendMessage(ctx, number, m)
		return err
	}
	join := func(number, code string) error {
		_, err := c.Join(ctx, number, code)
		return err
	}
	for _, r := range []struct {
		err    error
		status int
		text   string
	}{
		{send("12", control.NewMessage{Body: "x"}), 400, "is not a phone number"},
		{send(phone, control.NewMessage{}), 400, "needs a text or a file"},
		{send(phone, control.NewMessage{Body: strings.Repeat("x", whatsapp.MaxText+1)}), 400, "4096 at most"},
		{send(whatsapp.SandboxNumber, control.NewMessage{To: "+14155550000", Body: "x"}), 400, "is a sender, and no phone"},
		{send(phone, control.NewMessage{To: phone, Body: "x"}), 400, "is a sender, and no phone"},
		{send(phone, control.NewMessage{To: "+14155550000", Body: "x"}), 400, "is not a WhatsApp sender"},
		{send(phone, control.NewMessage{File: &control.NewFile{Filename: "e"}}), 400, "is empty"},
		{send(phone, control.NewMessage{File: &control.NewFile{Content: make([]byte, whatsapp.MaxFile+1)}}), 400, "at most"},
		{join(phone, "no-such"), 404, `no sandbox has the join code "no-such"`},
		{join(phone, "two words"), 400, "give the code alone"},
		{join("whatsapp:", "cloud-forgot"), 400, "is not a phone number"},
	} {
		wantError(t, r.err, r.status, r.text)
	}
	if n := len(must[[]whatsapp.Message](t)(c.ListMessages(ctx, phone, 0, 0))); n != 3 { // join, its answer, the wrong code
		t.Errorf("%d messages after the refusals, want 3", n)
	}
}

// ReadFile refuses what cannot be sent before it reads it: opening a pipe would wait for its writer.
func TestReadFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good, large := filepath.Join(dir, "a.txt"), filepath.Join(dir, "large.bin")
	if err := os.WriteFile(good, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Create(large); err != nil || f.Truncate(whatsapp.MaxFile+1) != nil || f.Close() != nil {
		t.Fatal(err)
	}
	if file, err := control.ReadFile(good); err != nil || file.Filename != "a.txt" || string(file.Content) != "x" {
		t.Errorf("%+v, %v", file, err)
	}
	for path, want := range map[string]string{dir: "is not a file that can be sent", filepath.Join(dir, "none"): "there is no file", large: "WhatsApp takes"} {
		if _, err := control.ReadFile(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}
