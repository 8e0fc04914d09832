package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/collector"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/view"
)

// list collects once, or round after round, and prints.
func (a *app) list(ctx context.Context, o *listOptions) error {
	if a.live(o) && a.errTTY {
		defer a.holdErr()()
	}
	targets, err := a.targets(o)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(targets, func(t collector.Target) bool { return t.Skip == "" }) {
		return &codeError{code: exitAuth, text: nothingFound(targets)}
	}
	if o.explain > 0 {
		return a.explain(ctx, o, targets)
	}
	keep, err := a.keeping(o)
	if err != nil {
		return err
	}
	if keep.Store != nil {
		defer func() { _ = keep.Store.Close() }()
	}
	s := &session{app: a, options: o, hub: hub.New(), request: o.request(targets, a.now()), keep: keep}
	s.collector = collector.New(s.hub, collector.Options{
		Now: a.now, Simulated: o.demo, Once: o.refresh == 0, Progress: s.progress(), Publish: s.publish(), Keep: keep,
	})
	defer s.collector.Close()
	if o.refresh > 0 {
		if s.showsCached() {
			s.collector.Preview(ctx, s.request)
		}
		return s.refresh(ctx)
	}
	return s.once(ctx)
}

// session is one run of the list.
type session struct {
	*app
	options   *listOptions
	hub       *hub.Hub
	collector *collector.Collector
	request   collector.Request
	keep      collector.Keeping
	cramped   bool // it was said that the cache is too small
	puzzled   bool // it was said what no row has
	bar       *progress
	rounds    *rounds       // behind the screen; nil = there is none
	finished  *hub.Snapshot // of the last round behind it that was not interrupted
}

// publish is how often a round that is not finished is published: for the screen alone.
func (s *session) publish() time.Duration {
	if s.live(s.options) {
		return publishEvery
	}
	return 0
}

// asked counts the targets that are not left out.
func asked(targets []collector.Target) (n int) {
	for i := range targets {
		if targets[i].Skip == "" && targets[i].Err == nil {
			n++
		}
	}
	return n
}

// progress follows a round: with memory, and on a terminal for people to see, or on the screen.
func (s *session) progress() func(collector.Progress) {
	memory := s.frugal(asked(s.request.Targets), s.options.refresh == 0)
	if s.live(s.options) {
		memory.row = screenRowMemory
		return func(p collector.Progress) {
			memory.grow(&p)
			if s.rounds != nil {
				s.rounds.progress(p)
			}
		}
	}
	drawn := !s.options.quiet && s.errTTY && !s.options.verbose
	return func(p collector.Progress) {
		memory.grow(&p)
		if drawn && s.bar != nil {
			s.bar.update(p)
		}
	}
}

// round collects once, with the progress on the terminal.
func (s *session) round(ctx context.Context) *hub.Snapshot {
	ctx, cancel := s.options.limited(ctx)
	defer cancel()
	width, _ := s.size()
	s.bar = newProgress(s.err, width)
	defer s.bar.done()
	return s.collector.Round(ctx, s.request)
}

// once collects, prints and says how it went.
func (s *session) once(ctx context.Context) error {
	end := s.preview(ctx)
	snap := s.round(ctx)
	end()
	s.warnCramped(snap)
	code := exitCode(snap)
	if s.options.strict && code != exitOK {
		s.summary(snap)
		if code == exitIncomplete {
			code = exitFailed // what --strict leaves is no valid output
		}
		return &codeError{code: code, text: "incomplete, and --strict was asked for: nothing is printed"}
	}
	err := s.print(ctx, s.out, snap)
	s.summary(snap)
	if !s.options.quiet && err == nil {
		s.warn(s.lostRegions(snap))
		s.warnAbsent(snap)
	}
	if err != nil {
		return err
	}
	if code != exitOK {
		return &codeError{code: code}
	}
	return nil
}

// warnAbsent says once which names of the command line nothing that was found has.
func (s *session) warnAbsent(snap *hub.Snapshot) {
	columns := s.options.columns
	if o := s.options; !o.tabular() && o.format != "csv" && o.format != "markdown" {
		columns = nil // the format has none
	}
	query := s.options.query()
	if absent := query.Absent(snap, columns); len(absent) > 0 && !s.puzzled && !s.options.quiet {
		s.puzzled = true
		s.warn(absent)
	}
}

// print writes what was asked of a snapshot to w, in one piece.
func (s *session) print(ctx context.Context, w io.Writer, snap *hub.Snapshot) error {
	o := s.options
	if err := s.checkPlaces(snap); err != nil {
		return err
	}
	shown, err := view.Select(snap, o.query())
	if err != nil {
		return usagef("%v", err)
	}
	opts := s.outputOptions()
	for i := range snap.Providers {
		if o.offers {
			opts.Total += len(snap.Providers[i].Offers)
		} else {
			opts.Total += len(snap.Providers[i].Resources)
		}
	}
	if o.jq == "" {
		return writeErr(output.Write(w, shown, opts))
	}
	return runJQ(ctx, w, o.jq, output.Document(shown, opts))
}

// runJQ prints what a jq expression makes of a document. What it fails with is the user's, what writing fails with is not.
func runJQ(ctx context.Context, w io.Writer, expr string, document any) error {
	out := &mindful{Writer: w}
	err := output.JQ(context.WithoutCancel(ctx), out, expr, document, true)
	if err == nil || out.err != nil {
		return writeErr(out.err)
	}
	return usagef("%v", err)
}

// mindful is a writer that knows what it first failed with.
type mindful struct {
	io.Writer
	err error
}

func (m *mindful) Write(p []byte) (n int, err error) {
	n, err = m.Writer.Write(p)
	if m.err == nil {
		m.err = err
	}
	return n, err
}

// writeErr hides the error of a reader that has seen enough (| head).
func writeErr(err error) error {
	if errors.Is(err, os.ErrClosed) || isBrokenPipe(err) {
		return nil
	}
	return err
}

func (s *session) outputOptions() output.Options {
	o := s.options
	width, _ := s.size()
	if !s.outTTY {
		width = 0
	}
	return output.Options{
		Format: o.format, Kind: o.query().Kind, Columns: o.columns, Class: o.class(), Configured: o.configFile.Output.Columns,
		Sort: o.sort, Accounts: o.accounts, Width: width, Color: s.colored(), Unicode: s.unicode(),
		Compact: o.refresh > 0 && !s.outTTY, Timestamps: o.configFile.Output.Timestamps, Reasons: o.why, Now: s.now(),
	}
}

// colored follows --color, then NO_COLOR, the terminal and the configuration.
func (s *session) colored() bool {
	switch {
	case s.options.color == "always":
		return true
	case s.options.color == "never", s.source.Getenv("NO_COLOR") != "", s.source.Getenv("TERM") == "dumb", !s.outTTY:
		return false
	}
	return s.options.configFile.Output.ColorEnabled
}

// unicode reports whether the terminal has more than ASCII.
func (a *app) unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := a.source.Getenv(name); v != "" {
			return strings.Contains(strings.ToUpper(strings.ReplaceAll(v, "-", "")), "UTF8")
		}
	}
	return false
}

// summary says on stderr how complete the output is: always under a table, else only where something is missing.
func (s *session) summary(snap *hub.Snapshot) {
	if s.options.quiet || (!s.options.tabular() && len(snap.Failures()) == 0) {
		return
	}
	opts := s.outputOptions()
	opts.Color = opts.Color && s.errTTY
	_ = output.Footer(s.err, snap, opts)
}

// exitCode says how a snapshot ends the program.
func exitCode(s *hub.Snapshot) int {
	failures := s.Failures()
	if len(failures) == 0 {
		return exitOK
	}
	good := slices.ContainsFunc(s.Units, func(u hub.Unit) bool {
		return u.Capability != hub.Connect && u.Capability != hub.Markets && (u.State == hub.OK || u.State == hub.Partial || u.State == hub.Stale)
	})
	failed := func(as cloud.Kind) bool {
		return slices.ContainsFunc(failures, func(u hub.Unit) bool { return u.Kind == as })
	}
	switch {
	case good:
		return exitIncomplete
	case failed(cloud.KindAuth):
		return exitAuth
	case failed(cloud.KindConfig):
		return exitUsage
	default:
		return exitFailed
	}
}
