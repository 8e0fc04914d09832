package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/pkg/retry"
)

// refresh collects round after round until it is interrupted: drawn in place on a terminal, as one line of JSON per
// round in a pipe. Rounds never overlap; their starts are the interval apart, give or take a tenth.
func (s *session) refresh(ctx context.Context) error {
	if s.outTTY {
		fmt.Fprint(s.out, "\x1b[?1049h\x1b[?25l")
		defer fmt.Fprint(s.out, "\x1b[?25h\x1b[?1049l")
	}
	for {
		started := time.Now()
		snap := s.round(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := s.show(ctx, snap); err != nil {
			if isBrokenPipe(err) {
				return nil
			}
			return err
		}
		if err := retry.Sleep(ctx, jittered(s.options.refresh)-time.Since(started)); err != nil {
			return nil //nolint:nilerr // the end of the context is how this ends
		}
	}
}

// jittered spreads d by a tenth, so that many cloudtops do not ask in step.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d)) //nolint:gosec // spread, not secrecy
}

func (s *session) show(ctx context.Context, snap *hub.Snapshot) error {
	var b bytes.Buffer
	if err := s.print(ctx, &b, snap); err != nil {
		return err
	}
	if s.outTTY {
		return s.draw(b.String(), snap)
	}
	_, err := s.out.Write(b.Bytes())
	return err
}

// draw replaces the screen by a heading, the table and the summary, cut to the terminal's height.
func (s *session) draw(table string, snap *hub.Snapshot) error {
	var foot bytes.Buffer
	if err := output.Footer(&foot, snap, s.outputOptions()); err != nil {
		return err
	}
	head := fmt.Sprintf("cloudtop  %s  every %s  (Ctrl-C ends)", snap.At.Local().Format(time.TimeOnly), s.options.refresh)
	lines := strings.Split(strings.TrimRight(table, "\n"), "\n")
	footer := strings.Split(strings.TrimRight(foot.String(), "\n"), "\n")
	if _, height := s.size(); height > 0 {
		room := max(height-2-min(len(footer), height/3), 1)
		footer = footer[:min(len(footer), height/3)]
		if hidden := len(lines) - room; hidden > 0 {
			lines = append(lines[:max(room-1, 0)], fmt.Sprintf("... %d more rows (--limit, --filter or a larger terminal)", hidden+1))
		}
	}
	var b strings.Builder
	b.WriteString("\x1b[H")
	for _, l := range append(append([]string{head}, lines...), footer...) {
		b.WriteString(l + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	_, err := s.out.Write([]byte(b.String()))
	return err
}

// isBrokenPipe reports whether the reader of our output has gone.
func isBrokenPipe(err error) bool { return errors.Is(err, errPipe) }
