// Package bench measures the program as users run it: the real binary, in a process of its own, reads simulated clouds
// over real loopback TLS. Its figures are in docs/performance.md; `make bench` writes them anew.
package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// providers are the clouds of the world, in no order that matters.
func providers() []string {
	return []string{"azure", "cloudflare", "gcp", "neon", "oracle", "runpod", "vastai"}
}

// program builds the binary as it is released.
func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "cloudtop")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "../../cmd/cloudtop")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// world is a simulator that serves until the benchmark ends.
type world struct {
	program string
	env     []string
}

// serve starts a simulator. Each measurement has its own, so that none meets limits that another one used up.
func serve(b *testing.B, program string, args ...string) *world {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	cmd := exec.CommandContext(ctx, program, append([]string{"sim"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was interrupted
	})
	w := &world{program: program, env: os.Environ()}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "# ready" {
			return w
		}
		if set, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, quoted, _ := strings.Cut(set, "=")
			w.env = append(w.env, name+"="+strings.Trim(quoted, "'"))
		}
	}
	b.Fatal("the simulator did not start")
	return nil
}

// config makes the runs of this world use a configuration.
func (w *world) config(b *testing.B, text string) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	w.env = append(w.env, "CLOUDTOP_CONFIG="+path)
}

// figures are what one run took.
type figures struct {
	took        time.Duration
	path        time.Duration // the critical path: what the slowest provider took, from its first unit's begin to its last one's end
	peak        int64         // resident bytes
	rows, calls int
}

// spans are from when to when each provider was at work, by the lines of the ledger.
type spans map[string][2]time.Time

// add counts in a unit.
func (s spans) add(provider string, end time.Time, took time.Duration) {
	all, known := s[provider]
	if begin := end.Add(-took); !known || begin.Before(all[0]) {
		all[0] = begin
	}
	if end.After(all[1]) {
		all[1] = end
	}
	s[provider] = all
}

func (s spans) longest() (d time.Duration) {
	for _, all := range s {
		d = max(d, all[1].Sub(all[0]))
	}
	return d
}

// run runs the program and reads its document.
func (w *world) run(b *testing.B, args ...string) figures {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), w.program, append(args, "--json")...)
	cmd.Env = w.env
	var talk bytes.Buffer
	out, err := os.Create(filepath.Join(b.TempDir(), "out.json")) // not in memory: a child begins with its parent's peak
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, &talk
	started := time.Now()
	err = cmd.Run()
	f := figures{took: time.Since(started)}
	if err != nil {
		b.Fatalf("cloudtop %s: %v\n%s", strings.Join(args, " "), err, &talk)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		f.peak = usage.Maxrss << 10
	}
	if _, err := out.Seek(0, 0); err != nil {
		b.Fatal(err)
	}
	units, provider, at := spans{}, "", time.Time{}
	for lines := bufio.NewScanner(out); lines.Scan(); { // one member a line
		name, value, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(lines.Text()), ","), ": ")
		number, _ := strconv.Atoi(value)
		switch name {
		case `"native_status"`:
			f.rows++
		case `"calls"`:
			f.calls += number
		case `"provider"`:
			provider = value
		case `"at"`:
			at, _ = time.Parse(`"`+time.RFC3339Nano+`"`, value)
		case `"took_ms"`: // the last of a unit's
			units.add(provider, at, time.Duration(number)*time.Millisecond)
		}
	}
	f.path = units.longest()
	return f
}

// report shows the best of several runs: what is slower was disturbed by others.
func report(b *testing.B, best figures) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // it is the run's own time that counts
	b.ReportMetric(best.took.Seconds(), "s")
	b.ReportMetric(float64(best.calls), "calls")
	b.ReportMetric(float64(best.peak)/1e6, "MB")
}

func best(a, b figures) figures {
	if a.took == 0 || b.took < a.took {
		a.took, a.path, a.rows, a.calls = b.took, b.path, b.rows, b.calls
	}
	if a.peak == 0 || b.peak < a.peak {
		a.peak = b.peak
	}
	return a
}

// BenchmarkFiftyResources reads 7 providers with about 50 resources, of which each call takes so long that all of it takes
// 5.6 s one after the other: so, then each provider alone, all at once, and once more from the cache. The same at 100 ms a
// call, which is nearer to what clouds take: there the processors, which the simulator shares, count for less.
func BenchmarkFiftyResources(b *testing.B) {
	exe := program(b)
	sequential := func(latency time.Duration) (sum figures) {
		w := serve(b, exe, lasting(latency))
		for _, p := range providers() {
			f := w.run(b, "--"+p, "--concurrency=1")
			sum.took, sum.calls, sum.peak = sum.took+f.took, sum.calls+f.calls, max(sum.peak, f.peak)
		}
		return sum
	}
	work := sequential(0) // ours, not the clouds'
	latency := (5600*time.Millisecond - work.took) / time.Duration(work.calls)
	b.Run("one_after_the_other", func(b *testing.B) {
		var sum figures
		for range b.N {
			sum = sequential(latency)
		}
		report(b, sum)
	})
	atOnce(b, exe, latency, "")
	atOnce(b, exe, 100*time.Millisecond, "_at_100ms")
	b.Run("warm", func(b *testing.B) {
		var warm figures
		for range b.N {
			w := serve(b, exe, lasting(latency))
			w.config(b, `{"version": "1.0", "cache": {"backend": "file"}}`)
			w.run(b, "--all")
			warm = best(warm, w.run(b, "--all"))
		}
		report(b, warm)
	})
}

func lasting(latency time.Duration) string { return "--latency=" + latency.String() }

// atOnce measures how much longer all providers at once take than the critical path, which is the slowest one's: in the
// same run, where they share the processors, and alone, where it has them for itself.
func atOnce(b *testing.B, exe string, latency time.Duration, name string) {
	b.Helper()
	var together, alone figures
	b.Run("slowest_alone"+name, func(b *testing.B) {
		for range b.N {
			w, slowest := serve(b, exe, lasting(latency)), figures{}
			for _, p := range providers() {
				if f := w.run(b, "--"+p, "--concurrency=200"); f.took > slowest.took {
					slowest = f
				}
			}
			alone = best(alone, slowest)
		}
		report(b, alone)
	})
	b.Run("at_once"+name, func(b *testing.B) {
		for range b.N {
			together = best(together, serve(b, exe, lasting(latency)).run(b, "--all"))
		}
		report(b, together)
		b.ReportMetric(together.took.Seconds()/together.path.Seconds(), "of-path")
		b.ReportMetric(together.took.Seconds()/alone.took.Seconds(), "of-slowest")
	})
}

// BenchmarkScale reads ever larger worlds. B/resource is the peak of resident memory above that of a run that finds
// nothing.
func BenchmarkScale(b *testing.B) {
	exe := program(b)
	for _, c := range []struct {
		resources int
		latency   string
		args      []string
	}{
		{1_000, "0s", []string{"--all"}}, {1_000, "100ms", []string{"--all"}},
		{10_000, "0s", []string{"--all"}}, {10_000, "100ms", []string{"--all"}},
		{25_000, "0s", []string{"--oracle", "--vastai"}},
		{100_000, "0s", []string{"--all"}},
	} {
		name := fmt.Sprintf("%d_at_%s%s", c.resources, c.latency, strings.ReplaceAll(strings.Join(c.args, ""), "--", "_"))
		b.Run(name, func(b *testing.B) {
			var f, empty figures
			for range b.N {
				empty = best(empty, serve(b, exe, "--resources=0").run(b, c.args...))
				w := serve(b, exe, fmt.Sprintf("--resources=%d", c.resources), "--latency="+c.latency)
				f = best(f, w.run(b, c.args...))
			}
			report(b, f)
			b.ReportMetric(float64(f.rows), "rows")
			b.ReportMetric(float64(f.peak-empty.peak)/float64(f.rows), "B/resource")
		})
	}
}

// BenchmarkStart starts the program for its version, and for an empty world.
func BenchmarkStart(b *testing.B) {
	exe := program(b)
	b.Run("version", func(b *testing.B) {
		var f figures
		for range b.N {
			cmd := exec.CommandContext(b.Context(), exe, "version")
			started := time.Now()
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
			f = best(f, figures{took: time.Since(started), peak: usage.Maxrss << 10})
		}
		report(b, f)
	})
	b.Run("empty", func(b *testing.B) {
		var f figures
		for range b.N {
			f = best(f, serve(b, exe, "--resources=0").run(b, "--all"))
		}
		report(b, f)
	})
	b.Run("size", func(b *testing.B) {
		info, err := os.Stat(exe)
		if err != nil {
			b.Fatal(err)
		}
		for range b.N { // it is what it is
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(info.Size())/1e6, "MB")
	})
}
