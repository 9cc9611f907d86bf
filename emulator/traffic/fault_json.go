package traffic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// faultJSON is a Fault whose times are texts.
type faultJSON struct {
	plainFault
	Delay      duration `json:"delay,omitempty"`
	RetryAfter duration `json:"retry_after,omitempty"`
}

// plainFault is a Fault without its own JSON.
type plainFault Fault

// MarshalJSON writes times as Go does: "300ms".
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{plainFault(f), duration(f.Delay), duration(f.RetryAfter)})
}

// UnmarshalJSON reads a fault. An unknown field is an error, as it is most likely misspelt.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var read faultJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return err
	}
	*f = Fault(read.plainFault)
	f.Delay, f.RetryAfter = time.Duration(read.Delay), time.Duration(read.RetryAfter)
	return nil
}

// duration is a text in JSON.
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration: write it like 300ms or 2s", text)
	}
	*d = duration(read)
	return nil
}
