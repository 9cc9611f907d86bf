package steps

import (
	"context"
	"time"
)

func (w *World) clockSteps() []definition {
	return []definition{
		{form: "{duration} pass(es)", run: w.Pass},
		{form: "the clock runs", run: w.ClockRuns},
	}
}

// Pass advances the clock: everything that falls due on the way has happened when it returns.
func (w *World) Pass(ctx context.Context, length time.Duration) error {
	_, err := w.control.Advance(ctx, length)
	return err
}

// ClockRuns lets the clock run on from where it stands, as it does outside scenarios.
func (w *World) ClockRuns(ctx context.Context) error {
	_, err := w.control.Freeze(ctx, false)
	return err
}
