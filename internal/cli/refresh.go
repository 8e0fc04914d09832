package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/tui"
	"github.com/adsops/cloudtop/internal/view"
)

// publishEvery is how often the screen is shown a round that is not finished.
const publishEvery = 250 * time.Millisecond

// live reports whether --refresh is a screen: on a terminal that can be written all over. Elsewhere every round is
// printed behind the last.
func (a *app) live(o *listOptions) bool {
	return o.refresh > 0 && o.tabular() && o.jq == "" && a.outTTY && a.source.Getenv("TERM") != "dumb"
}

// refresh collects round after round until it is quit or interrupted.
func (s *session) refresh(ctx context.Context) error {
	r := newRounds(s.options.refresh, quickest(s.request), func(ctx context.Context) lap { return lapOf(s.round(ctx)) })
	if s.live(s.options) {
		return s.watch(ctx, r)
	}
	return s.stream(ctx, r)
}

// stream prints each round: in a pipe as one line of JSON. A first round that is interrupted is printed as far as it came.
// How complete a table is follows it; what another format lacks is said where that is not what the last round lacked.
func (s *session) stream(ctx context.Context, r *rounds) error {
	told, printed := false, false
	var lacked []lack
	show := func(snap *hub.Snapshot) error {
		printed = true
		s.warnCramped(snap)
		var b bytes.Buffer
		if err := s.print(context.WithoutCancel(ctx), &b, snap); err != nil {
			return err
		}
		if _, err := s.out.Write(b.Bytes()); err != nil {
			return err
		}
		if lacks := lacksOf(snap); s.options.tabular() || !slices.Equal(lacks, lacked) {
			lacked = lacks
			s.summary(snap)
		}
		s.warnAbsent(snap)
		return nil
	}
	err := r.run(ctx, func() error {
		if slow := r.slow(); slow != "" && !told && !s.options.quiet {
			told = true
			fmt.Fprintln(s.err, "cloudtop: refreshing "+slow)
		}
		return show(s.hub.Now())
	})
	if snap := s.hub.Now(); err == nil && !printed && snap.Version > 0 {
		err = show(snap)
	}
	if isBrokenPipe(err) {
		return nil
	}
	return err
}

// lack is a unit that is not complete, and how.
type lack struct {
	key   hub.Key
	state hub.State
	kind  cloud.Kind
}

func lacksOf(s *hub.Snapshot) []lack {
	var out []lack
	for _, u := range s.Failures() {
		out = append(out, lack{u.Key, u.State, u.Kind})
	}
	return out
}

// watch shows the screen while rounds go on beside it, then leaves the last table on the terminal.
func (s *session) watch(ctx context.Context, r *rounds) error {
	if s.options.verbose && s.errTTY {
		return usagef("--verbose would write all over the screen: send it elsewhere with 2>FILE")
	}
	s.rounds = r
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan ending, 1)
	go func() {
		defer cancel() // ends the screen, which gives the terminal back
		ended <- s.behind(ctx, r)
	}()
	interrupted, err := tui.Run(ctx, s.screen(r))
	cancel()
	end := <-ended
	if end.broken != "" {
		panic(end.broken)
	}
	s.leave(ctx)
	switch {
	case end.err != nil:
		return end.err
	case interrupted:
		return &codeError{code: exitInterrupted}
	case err != nil:
		if wrong, ok := errors.AsType[*view.SyntaxError](err); ok {
			return usagef("%v", wrong)
		}
	}
	return err
}

// ending is how the rounds behind the screen ended.
type ending struct {
	err    error
	broken string // what they panicked with, and where; empty = they did not
}

// behind lets rounds go on behind the screen.
func (s *session) behind(ctx context.Context, r *rounds) (e ending) {
	defer func() {
		if p := recover(); p != nil {
			e.broken = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
		}
	}()
	e.err = r.run(ctx, func() error {
		snap := s.hub.Now()
		s.warnCramped(snap)
		if err := s.checkPlaces(snap); err != nil {
			return err
		}
		s.warnAbsent(snap)
		s.finished = snap
		return nil
	})
	return e
}

// screen returns the options of the screen.
func (s *session) screen(r *rounds) tui.Options {
	o := s.options
	width, height := s.size()
	return tui.Options{
		Hub: s.hub, Now: s.now, Query: o.query(), Color: s.colored(), Unicode: s.unicode(),
		Choice: view.Choice{Names: o.columns, Wide: o.format == "wide", Class: o.class(), Configured: o.configFile.Output.Columns},
		Rounds: tui.Rounds{State: r.State, Pause: r.Pause, Refresh: r.Refresh},
		In:     s.in, Out: s.out, Width: width, Height: height,
	}
}

// leave prints the last table where the screen was, cut to the terminal's height, and how complete it is.
func (s *session) leave(ctx context.Context) {
	snap := s.finished
	if snap == nil {
		snap = s.hub.Now()
	}
	var table bytes.Buffer
	if snap.Version == 0 || s.print(ctx, &table, snap) != nil {
		return
	}
	lines := strings.SplitAfter(strings.TrimSuffix(table.String(), "\n"), "\n")
	_, height := s.size()
	if room := max(height/2, 5); len(lines) > room {
		lines = append(lines[:room], fmt.Sprintf("... and %d more rows", len(lines)-room))
	}
	fmt.Fprintln(s.out, strings.Join(lines, ""))
	s.summary(snap)
}

// slow says that rounds are further apart than was asked for, and why; empty where they are not.
func (r *rounds) slow() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pace.instead(r.asked)
}

// lapOf returns what a round cost.
func lapOf(s *hub.Snapshot) lap {
	l := lap{took: s.Took}
	for i := range s.Units {
		l.waited = max(l.waited, s.Units[i].Waited)
	}
	return l
}

// quickest returns how often the quickest of the metrics that are asked for is measured; 0 where that is unknown, or no
// metrics are read.
func quickest(req collector.Request) time.Duration {
	var least time.Duration
	if !req.Resources || !req.Details {
		return 0
	}
	for i := range req.Targets {
		t := &req.Targets[i]
		if t.Skip != "" || t.Err != nil {
			continue
		}
		for _, svc := range t.Spec.Among(t.Config.Services, req.Services) {
			switch {
			case len(svc.Metrics) == 0:
			case svc.Step == 0:
				return 0
			case least == 0 || svc.Step < least:
				least = svc.Step
			}
		}
	}
	return least
}

// isBrokenPipe reports whether the reader of our output has gone.
func isBrokenPipe(err error) bool { return errors.Is(err, errPipe) }
