package emulator_test

import (
	"log/slog"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// BenchmarkNew measures the start of an emulator in a test.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		emu, err := emulator.New(emulator.Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		if err := emu.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSettle waits for nothing: as a method, and through the control API in process and over TCP.
func BenchmarkSettle(b *testing.B) {
	emu := emulator.RunT(b, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	for name, settle := range map[string]func() error{
		"by=method":  func() error { return emu.Settle(b.Context()) },
		"by=process": func() error { return emu.Control().Settle(b.Context()) },
		"by=tcp":     func() error { return control.NewClient(emu.URL, nil).Settle(b.Context()) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := settle(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
