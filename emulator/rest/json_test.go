package rest

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

type inner struct {
	Name  string  `json:"name"`
	Other *string `json:"other,omitempty"`
}

type tree struct {
	Name string  `json:"name"`
	Next []*tree `json:"next"`
}

type everything struct {
	inner
	*tree
	Text     string             `json:"text"`
	Count    int64              `json:"count"`
	Small    uint8              `json:"small"`
	Ratio    float64            `json:"ratio"`
	Yes      bool               `json:"yes"`
	Optional *string            `json:"optional"`
	Left     string             `json:"left,omitempty"`
	Zero     inner              `json:"zero,omitzero"`
	List     []inner            `json:"list"`
	Pair     [2]string          `json:"pair"`
	ByName   map[string]*inner  `json:"by_name"`
	ByNumber map[int]string     `json:"by_number"`
	Any      any                `json:"any"`
	Raw      json.RawMessage    `json:"raw"`
	Bytes    []byte             `json:"bytes"`
	Hidden   string             `json:"-"`
	Untagged map[string]float64 // without a tag
	Quoted   int                `json:"quoted"`
	private  string
}

// FuzzEncoder holds the encoder against encoding/json.
func FuzzEncoder(f *testing.F) {
	f.Add("Ada", "a <b> & \u2028 \xff \"quoted\" \\ \x00\n", int64(-3), uint8(7), 1.5, true, []byte(`{"a": 1}`))
	f.Add("", "", int64(0), uint8(0), 0.0, false, []byte(`null`))
	var e encoder
	f.Fuzz(func(t *testing.T, name, text string, n int64, small uint8, ratio float64, yes bool, raw []byte) {
		v := everything{inner: inner{Name: name, Other: &text}, Text: text, Count: n, Small: small, Ratio: ratio, Yes: yes,
			Left: name, List: []inner{{Name: text}, {Other: &name}}, Pair: [2]string{name, text},
			ByName: map[string]*inner{name: {Name: text}, text: nil, "b": {}}, ByNumber: map[int]string{int(n): name, 1: text},
			Bytes: raw, Hidden: name, Untagged: map[string]float64{text: ratio}, private: text}
		if yes {
			v.Optional, v.Any, v.tree = &name, []any{name, n, nil, inner{Name: name}}, &tree{Name: text, Next: []*tree{{Name: name}, nil}}
		}
		if json.Valid(raw) {
			v.Raw = raw
		}
		want, wantErr := json.Marshal(v)
		got, err := e.append(nil, v)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("error %v, encoding/json %v", err, wantErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestDatesHaveWholeSeconds(t *testing.T) {
	t.Parallel()
	var e encoder
	at := time.Date(2026, 11, 27, 12, 30, 15, 999_000_000, time.FixedZone("", 3600))
	got, err := e.append(nil, struct {
		At      time.Time  `json:"at"`
		Pointer *time.Time `json:"pointer"`
		None    *time.Time `json:"none"`
		Left    *time.Time `json:"left,omitempty"`
	}{At: at, Pointer: &at})
	if want := `{"at":"2026-11-27T11:30:15Z","pointer":"2026-11-27T11:30:15Z","none":null}`; string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func BenchmarkEncoder(b *testing.B) {
	name := "Ada"
	v := everything{inner: inner{Name: name}, List: make([]inner, 50), Optional: &name}
	var e encoder
	buffer := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = e.append(buffer[:0], v)
	}
}
